import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openArchive } from "@package-operator/mirror";
import {
  buildImage,
  buildIndex,
  createLayer,
  createRegistryServer,
  digestOf,
  memoryStorage,
  type RegistryStorage,
  storageContent,
  writeImage,
} from "@package-operator/oci";
import { buildPackageImage } from "@package-operator/packaging";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BundledCli, bundleCli } from "./bundled-cli.ts";
import { type ByteGate, startByteGate } from "./byte-gate.ts";

const MIB = 1024 * 1024;
const plain = ["manager", "agent", "web"];
const job = `kind: Job
metadata: {name: bootstrap}
spec:
  template:
    spec:
      containers:
      - {name: package-operator, image: "quay.io/org/manager:v1", args: ["-self-bootstrap=quay.io/org/package:v1"]}
      - {name: agent, image: "quay.io/org/agent:v1"}
      - {name: web, image: "quay.io/org/web:v1"}
`;

type StorageUpload = Awaited<ReturnType<ReturnType<RegistryStorage["repository"]>["startUpload"]>>;

/** A registry that counts what was stored, behind a gate that counts bytes. */
interface Place {
  readonly storage: RegistryStorage;
  readonly gate: ByteGate;
  /** Digests of blobs that were stored from sent content, each as often as that happened. */
  readonly stored: readonly string[];
  close(): Promise<void>;
}

async function startPlace(): Promise<Place> {
  const stored: string[] = [];
  const storage = countCommits(memoryStorage(), (digest) => stored.push(digest));
  const server = createRegistryServer({ storage });
  const { address } = await server.listen();
  const gate = await startByteGate(address);
  return {
    storage,
    gate,
    stored,
    async close() {
      await gate.close();
      await server.close();
    },
  };
}

function countCommits(inner: RegistryStorage, onCommit: (digest: string) => void): RegistryStorage {
  const counted = (upload: StorageUpload): StorageUpload => ({
    ...upload,
    async commit(digest) {
      await upload.commit(digest);
      onCommit(digest);
    },
  });
  return {
    ...inner,
    repository(name) {
      const repository = inner.repository(name);
      return {
        ...repository,
        startUpload: async () => counted(await repository.startUpload()),
        async findUpload(id) {
          const upload = await repository.findUpload(id);
          return upload === undefined ? undefined : counted(upload);
        },
      };
    },
  };
}

/** Bytes that do not compress and are the same in every run. */
function noise(seed: number, size: number): Buffer {
  const random = mulberry(seed);
  return Buffer.from(Uint32Array.from({ length: size / 4 }, () => random() * 2 ** 32).buffer);
}

/** A small generator of numbers in [0, 1), so that a failure can be played again. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Three images of two platforms each that share a layer, and a package. */
async function fill(storage: RegistryStorage): Promise<void> {
  const base = await createLayer([{ path: "base", content: noise(1, 2 * MIB) }]);
  for (const [index, name] of plain.entries()) {
    const target = storageContent(storage, `org/${name}`);
    const children = await Promise.all(
      ["amd64", "arm64"].map(async (architecture, at) => {
        const own = await createLayer([{ path: name, content: noise(10 * index + at + 2, MIB) }]);
        const platform = { os: "linux", architecture };
        const image = buildImage({ layers: [base, own], platform });
        await writeImage(target, image);
        return { ...image.manifest.descriptor, platform };
      }),
    );
    await target.writeManifest("v1", buildIndex(children));
  }
  const manifest =
    "apiVersion: manifests.package-operator.run/v1alpha1\nkind: PackageManifest\nmetadata: {name: app}\n" +
    "spec: {scopes: [Cluster], phases: [{name: deploy}]}\n";
  const files = new Map([["manifest.yaml", Buffer.from(manifest)]]);
  const image = await buildPackageImage({ files, labels: {} });
  await writeImage(storageContent(storage, "org/package"), image, { tags: ["v1"] });
}

let cli: BundledCli;
let source: Place;
let dir: string;
beforeAll(async () => {
  [cli, source] = await Promise.all([bundleCli(), startPlace()]);
  await fill(source.storage);
}, 120_000);
afterAll(async () => {
  await source?.close();
  await cli?.remove();
});

/**
 * Runs a command again and again, each time killed at a random byte, early ones as likely as late ones of every magnitude;
 * then to its end.
 */
async function runWithKills(
  args: readonly string[],
  options: {
    kills: number;
    random: () => number;
    gate: ByteGate;
    direction: "sent" | "received";
    bytes: number;
  },
): Promise<void> {
  const { kills, random, gate, direction, bytes } = options;
  const env = { XDG_STATE_HOME: path.join(dir, "state") };
  let killed = 0;
  for (let attempt = 0; attempt < kills; attempt += 1) {
    const running = cli.start(args, { cwd: dir, env });
    gate.watch(direction, Math.exp(random() * Math.log(bytes)), () => running.kill());
    const { code, stderr } = await running.ended;
    // What is left may be less than the number of bytes to wait for; then the run just succeeds.
    if (code === undefined) killed += 1;
    else expect({ code, stderr }).toMatchObject({ code: 0 });
  }
  expect(killed).toBeGreaterThan(kills / 2);
  gate.watch(direction, Number.POSITIVE_INFINITY, () => {});
  expect(await cli.start(args, { cwd: dir, env }).ended).toMatchObject({ code: 0 });
}

/** Everything below a tag, by reading it from the storage and comparing with the source. */
async function expectWhole(storage: RegistryStorage, repository: string, name: string): Promise<void> {
  const [there, original] = [storage.repository(repository), source.storage.repository(`org/${name}`)];
  const tagged = await original.readManifest("v1");
  expect((await there.readManifest("v1"))?.descriptor).toEqual(tagged?.descriptor);
  const open = [tagged!.descriptor.digest];
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    const manifest = await there.readManifest(digest);
    expect(digestOf(manifest!.bytes)).toBe(digest);
    const {
      manifests = [],
      layers = [],
      config,
    } = JSON.parse(Buffer.from(manifest!.bytes).toString("utf8")) as {
      manifests?: { digest: string }[];
      layers?: { digest: string }[];
      config?: { digest: string };
    };
    open.push(...manifests.map((child) => child.digest));
    for (const blob of [...layers, ...(config === undefined ? [] : [config])]) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of there.readBlob(blob.digest)) chunks.push(chunk);
      expect(digestOf(Buffer.concat(chunks))).toBe(blob.digest);
    }
  }
}

describe("a mirror that is killed at any moment", { timeout: 180_000 }, () => {
  test.each([1, 2, 3, 4])(
    "ends with the same content and copies no finished blob again (seed %i)",
    async (seed) => {
      dir = await mkdtemp(path.join(os.tmpdir(), "mirror-kill-"));
      const mirror = await startPlace();
      try {
        await writeFile(path.join(dir, "job.yaml"), job);
        const args = [
          ...["mirror", "job.yaml", "--to", `${mirror.gate.address}/pko`, "--lock", "lock.yaml"],
          ...["--resolve", `quay.io=http://${source.gate.address}`],
        ];
        const random = mulberry(seed);
        await runWithKills(args, { kills: 10, random, gate: mirror.gate, direction: "sent", bytes: 4 * MIB });
        for (const name of [...plain, "package"]) await expectWhole(mirror.storage, `pko/${name}`, name);
        expect(mirror.stored.length).toBe(new Set(mirror.stored).size);
        const verify = await cli.start(["verify", "mirror", "--lock", "lock.yaml"], { cwd: dir }).ended;
        expect(verify).toMatchObject({ code: 0, stdout: expect.stringContaining("4 of 4 images complete") });
      } finally {
        await mirror.close();
        await rm(dir, { recursive: true, force: true });
      }
    },
  );

  test("goes on within a blob where the registry got to", async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "mirror-kill-"));
    const mirror = await startPlace();
    try {
      const size = 16 * MIB;
      const layer = await createLayer([{ path: "large", content: noise(99, size) }]);
      const target = storageContent(source.storage, "org/large");
      await writeImage(target, buildImage({ layers: [layer] }), { tags: ["v1"] });
      await writeFile(path.join(dir, "job.yaml"), job.replaceAll("quay.io/org/web", "quay.io/org/large"));
      const args = [
        ...["mirror", "job.yaml", "--to", `${mirror.gate.address}/pko`, "--concurrency", "1"],
        ...["--resolve", `quay.io=http://${source.gate.address}`],
      ];
      const random = (): number => 0.999;
      await runWithKills(args, { kills: 1, random, gate: mirror.gate, direction: "sent", bytes: 20 * MIB });
      // Everything is 24 MiB; without going on inside of the large layer it would be sent again as a whole.
      expect(mirror.gate.sent).toBeLessThan(8 * MIB);
      expect(mirror.stored.length).toBe(new Set(mirror.stored).size);
    } finally {
      await mirror.close();
      await rm(dir, { recursive: true, force: true });
    }
  });

  test("leaves an archive that the next run completes", async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "mirror-kill-"));
    try {
      await writeFile(path.join(dir, "job.yaml"), job);
      const args = [
        ...["mirror", "job.yaml", "--to-archive", "pko.tar", "--rewrite", "job.yaml"],
        ...["--resolve", `quay.io=http://${source.gate.address}`],
      ];
      const random = mulberry(5);
      await runWithKills(args, {
        kills: 9,
        random,
        gate: source.gate,
        direction: "received",
        bytes: 6 * MIB,
      });
      const archive = await openArchive(path.join(dir, "pko.tar"));
      try {
        for (const name of [...plain, "package"]) {
          const content = archive.open("quay.io", `org/${name}`);
          const found = await content.manifest("v1");
          const original = await source.storage.repository(`org/${name}`).readManifest("v1");
          expect(found.descriptor).toEqual(original?.descriptor);
        }
      } finally {
        await archive.close();
      }
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
