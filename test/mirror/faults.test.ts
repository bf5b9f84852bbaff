import {
  applyPlan,
  type AppliedEntry,
  checkMirror,
  type Closure,
  computeClosure,
  lockOf,
  type MirrorPlan,
  planMirror,
} from "@package-operator/mirror";
import {
  createRegistryClient,
  createRegistryServer,
  memoryStorage,
  type RegistryClient,
  type RegistryStorage,
  storageContent,
  writeImage,
} from "@package-operator/oci";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Fault,
  type FaultProxy,
  type SeenRequest,
  startFaultProxy,
} from "../../packages/oci/src/testing/fault-proxy.ts";
import { randomLayer, sampleImage, sampleIndex } from "../../packages/oci/src/testing/samples.ts";
import { createTestTiming } from "../../packages/oci/src/testing/test-timing.ts";

/** A registry and the bad line to it. */
interface Place {
  readonly storage: RegistryStorage;
  readonly address: string;
  readonly proxy: FaultProxy;
  close(): Promise<void>;
}

async function startPlace(): Promise<Place> {
  const storage = memoryStorage();
  const server = createRegistryServer({ storage });
  const { address } = await server.listen();
  const proxy = await startFaultProxy(address);
  return {
    storage,
    address,
    proxy,
    async close() {
      await proxy.close();
      await server.close();
    },
  };
}

let source: Place;
beforeAll(async () => {
  source = await startPlace();
  const base = await randomLayer(20_000);
  for (const name of ["org/a", "org/b"]) {
    const images = [
      await sampleImage({ layers: [base, await randomLayer(5000)] }),
      await sampleImage({ layers: [base, await randomLayer(6000)], architecture: "arm64" }),
    ];
    const target = storageContent(source.storage, name);
    for (const image of images) await writeImage(target, image);
    await target.writeManifest("v1", sampleIndex(images));
  }
});
afterAll(() => source.close());

const references = ["quay.io/org/a:v1", "quay.io/org/b:v1"];

/** Plans and copies through the bad lines. */
async function mirrorTo(
  target: Place,
  client: RegistryClient,
): Promise<{ plan: MirrorPlan; applied: readonly AppliedEntry[] }> {
  const open = (registry: string, name: string): ReturnType<RegistryClient["repository"]> =>
    client.repository(registry, name);
  const closure: Closure = await computeClosure(
    {
      requests: references.map((reference) => ({
        ...{ reference, isPackage: false, reason: { kind: "source", in: reference } },
      })),
    },
    { open },
  );
  const rules = [{ from: "quay.io/org/", to: `${target.proxy.address}/m/` }];
  const plan = await planMirror(closure, { rules, openTarget: open });
  return { plan, applied: await applyPlan(plan, { openSource: open, openTarget: open }) };
}

const clientTo = (retries: number): RegistryClient =>
  createRegistryClient({
    resolve: { "quay.io": `http://${source.proxy.address}` },
    timing: createTestTiming(),
    retries,
  });

/** Holds the mirror to the source without any line between. */
async function expectSame(target: Place, plan: MirrorPlan): Promise<void> {
  const direct = createRegistryClient({ resolve: { [target.proxy.address]: `http://${target.address}` } });
  try {
    const lock = lockOf(plan);
    const checked = await checkMirror(lock, { open: (registry, name) => direct.repository(registry, name) });
    expect(checked).toEqual(lock.images.map((image) => ({ image })));
  } finally {
    await direct.close();
  }
}

const isBlob = ({ method, path }: SeenRequest): boolean => method === "GET" && path.includes("/blobs/");
const isUpload = ({ method, path }: SeenRequest): boolean =>
  method !== "GET" && method !== "HEAD" && path.includes("/uploads/");
const faults: Readonly<Record<string, { rule: (request: SeenRequest) => boolean; fault: Fault }>> = {
  "a cut download": { rule: isBlob, fault: { kind: "cut-answer", after: 300 } },
  "a flipped bit in a download": { rule: isBlob, fault: { kind: "flip-answer", at: 200 } },
  "a short download": { rule: isBlob, fault: { kind: "shorten-answer", by: 5 } },
  "a cut upload": { rule: isUpload, fault: { kind: "cut-request", after: 100 } },
  "a flipped bit in an upload": { rule: isUpload, fault: { kind: "flip-request", at: 50 } },
  "429": { rule: () => true, fault: { kind: "status", status: 429, headers: { "retry-after": "2" } } },
  "500": { rule: () => true, fault: { kind: "status", status: 500 } },
  "503": { rule: () => true, fault: { kind: "status", status: 503 } },
  "a cut answer of any kind": {
    rule: ({ method }) => method !== "HEAD",
    fault: { kind: "cut-answer", after: 0 },
  },
};
const names = Object.keys(faults);

describe("a mirror over bad lines", () => {
  test(
    "a few faults of any sort, anywhere: the right content all the same",
    { timeout: 120_000 },
    async () => {
      const where = fc.record({
        name: fc.constantFrom(...names),
        side: fc.constantFrom("source", "target"),
        skip: fc.nat(12),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(where, { minLength: 1, maxLength: 4 }), async (injected) => {
          const target = await startPlace();
          const client = clientTo(8);
          const line = { isBad: true };
          try {
            for (const { name, side, skip } of injected) {
              let left = skip;
              const { rule, fault } = faults[name]!;
              const place = side === "source" ? source : target;
              place.proxy.inject((request) => line.isBad && rule(request) && left-- <= 0, fault);
            }
            const { plan, applied } = await mirrorTo(target, client);
            expect(applied.flatMap(({ error }) => error ?? [])).toEqual([]);
            await expectSame(target, plan);
          } finally {
            // What no request has met must not meet the next run.
            line.isBad = false;
            await client.close();
            await target.close();
          }
        }),
        { numRuns: 25, seed: 8 },
      );
    },
  );

  test.each(["a flipped bit in a download", "a short download"])(
    "%s that comes again and again is an error with image, blob and registry, and no tag",
    async (name) => {
      const target = await startPlace();
      const client = clientTo(1);
      const line = { isBad: true };
      const { rule, fault } = faults[name]!;
      const layer = await largestBlob("org/a");
      for (let count = 0; count < 20; count += 1) {
        source.proxy.inject((request) => line.isBad && rule(request) && request.path.includes(layer), fault);
      }
      const { applied } = await mirrorTo(target, client);
      await client.close();
      const [failed] = applied.flatMap(({ error }) => error ?? []);
      expect(failed).toMatchObject({ name: "MirrorError", code: "copy" });
      expect(failed?.message).toContain("quay.io/org/");
      expect(failed?.message).toContain(layer);
      expect(failed?.message).toContain(target.proxy.address);
      const tags = (await target.storage.repository("m/a").tags()) ?? [];
      expect(tags).toEqual([]);
      line.isBad = false;
      await target.close();
    },
  );

  test("a registry that stays down is named, with its answer, and the next run finishes", async () => {
    const target = await startPlace();
    const impatient = clientTo(1);
    const line = { isBad: true };
    for (let count = 0; count < 200; count += 1) {
      target.proxy.inject(({ method }) => line.isBad && method === "PUT", { kind: "status", status: 503 });
    }
    const { applied } = await mirrorTo(target, impatient);
    await impatient.close();
    for (const { error } of applied) {
      expect(error?.message).toMatch(/quay\.io\/org\/[ab]:v1: copying .*503/);
      expect(error?.message).toContain(target.proxy.address);
    }
    line.isBad = false;
    const client = clientTo(5);
    const { plan, applied: again } = await mirrorTo(target, client);
    await client.close();
    expect(again.flatMap(({ error }) => error ?? [])).toEqual([]);
    await expectSame(target, plan);
    await target.close();
  });
});

/** The digest of the largest layer of an image's first platform. */
async function largestBlob(name: string): Promise<string> {
  const repository = source.storage.repository(name);
  const read = async (
    reference: string,
  ): Promise<{ manifests?: { digest: string }[]; layers?: { digest: string; size: number }[] }> =>
    JSON.parse(Buffer.from((await repository.readManifest(reference))!.bytes).toString("utf8")) as never;
  const { manifests } = await read("v1");
  const { layers } = await read(manifests![0]!.digest);
  return layers!.toSorted((a, b) => b.size - a.size)[0]!.digest;
}
