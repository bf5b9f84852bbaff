import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createRegistryClient, type RegistryClient } from "../client/client.ts";
import type { ContentTarget } from "../content.ts";
import { digestOf } from "../digest.ts";
import { buildImage, writeImage, type BuiltImage } from "../image.ts";
import type { Blob } from "../layer.ts";
import type { ManifestContent } from "../manifest.ts";
import { openLayout } from "../layout/layout.ts";
import { createRegistryServer } from "../server/server.ts";
import type { RegistryRequestLog } from "../server/server-options.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import type { RegistryStorage } from "../storage/registry-storage.ts";
import { memoryContent, storageContent } from "../storage/storage-content.ts";
import { readAll, writeBlobs } from "../testing/content-checks.ts";
import { hasProgram, startDockerRegistry } from "../testing/docker-registry.ts";
import { randomLayer, sampleImage, sampleIndex, sampleReferrer } from "../testing/samples.ts";
import { copyImage } from "./copy-image.ts";
import type { CopyEvent, CopyResult } from "./copy-options.ts";
import { createCopyRun } from "./copy-run.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Place {
  readonly address: string;
  readonly storage: RegistryStorage;
  readonly requests: RegistryRequestLog[];
  readonly client: RegistryClient;
  readonly count: (method: string, path: RegExp) => number;
}

async function startRegistry(storage = memoryStorage()): Promise<Place> {
  const requests: RegistryRequestLog[] = [];
  const server = createRegistryServer({ storage, onRequest: (request) => void requests.push(request) });
  const { address } = await server.listen();
  const client = createRegistryClient();
  cleanups.push(
    () => server.close(),
    () => client.close(),
  );
  const count = (method: string, path: RegExp): number =>
    requests.filter((request) => request.method === method && path.test(request.path)).length;
  return { address, storage, requests, client, count };
}

/** An index of two images that share a layer. */
async function writeIndex(
  target: ContentTarget,
  tags: readonly string[] = ["v1"],
): Promise<{ images: BuiltImage[]; index: ManifestContent }> {
  const shared = await randomLayer(5000);
  const images = [
    await sampleImage({ layers: [shared, await randomLayer()] }),
    await sampleImage({ layers: [shared, await randomLayer()], architecture: "arm64" }),
  ];
  for (const image of images) await writeImage(target, image);
  const index = sampleIndex(images);
  for (const tag of tags) await target.writeManifest(tag, index);
  return { images, index };
}

function partsOf(image: BuiltImage): readonly Blob[] {
  return [image.config].concat(image.layers.map(({ descriptor, bytes }) => ({ descriptor, bytes: bytes! })));
}

async function expectWhole(target: ContentTarget, images: readonly BuiltImage[]): Promise<void> {
  for (const image of images) {
    const content = await target.manifest(image.manifest.descriptor.digest);
    expect(Buffer.from(content.bytes).equals(image.manifest.bytes)).toBe(true);
    for (const blob of partsOf(image)) {
      expect((await readAll(target, blob)).equals(blob.bytes)).toBe(true);
    }
  }
}

describe("copying an image", () => {
  test("moves an index with its children, each blob once, and sets the tag last", async () => {
    const source = memoryContent();
    const { images, index } = await writeIndex(source);
    const to = await startRegistry();
    const target = to.client.repository(to.address, "team/app");
    const events: CopyEvent[] = [];
    const result = await copyImage(source, target, {
      reference: "v1",
      onEvent: (event) => void events.push(event),
    });
    expect(result).toMatchObject({
      digest: index.descriptor.digest,
      outcome: "copied",
      blobs: { written: 5, mounted: 0, present: 0, shared: 1 },
      manifests: { written: 3, present: 0 },
    });
    await expectWhole(target, images);
    expect((await target.resolve("v1"))?.digest).toBe(index.descriptor.digest);
    expect(events.at(-1)).toMatchObject({ type: "tag", tag: "v1" });
    const last = to.requests.findLast((request) => request.method === "PUT");
    expect(last?.path).toBe("/v2/team/app/manifests/v1");
    const uploaded = to.requests
      .filter((request) => request.path.includes("/uploads/"))
      .reduce((sum, request) => sum + request.received, 0);
    const unique = new Map(
      images.flatMap((image) => partsOf(image)).map(({ descriptor }) => [descriptor.digest, descriptor.size]),
    );
    expect(uploaded).toBe([...unique.values()].reduce((sum, size) => sum + size, 0));
    expect(result.bytes).toBeGreaterThan(uploaded);
  });

  test("asks the source for nothing when the target has everything and the digest is known", async () => {
    const from = await startRegistry();
    const { index } = await writeIndex(storageContent(from.storage, "team/app"));
    const to = await startRegistry();
    const source = from.client.repository(from.address, "team/app");
    const target = to.client.repository(to.address, "team/app");
    await copyImage(source, target, { reference: index.descriptor.digest, tags: ["v1"] });
    from.requests.length = 0;
    to.requests.length = 0;
    const result = await copyImage(source, target, { reference: index.descriptor.digest, tags: ["v1"] });
    expect(result.outcome).toBe("present");
    expect(result.bytes).toBe(0);
    expect(from.requests).toEqual([]);
    expect(to.requests.filter((request) => !["GET", "HEAD"].includes(request.method))).toEqual([]);
  });

  test("believes a present manifest without looking at its blobs when told to", async () => {
    const source = memoryContent();
    const { index } = await writeIndex(source);
    const to = await startRegistry();
    const target = to.client.repository(to.address, "team/app");
    await copyImage(source, target, { reference: "v1" });
    to.requests.length = 0;
    const options = { reference: index.descriptor.digest, check: "shallow" } as const;
    const result = await copyImage(source, target, { ...options, tags: ["v1", "v2"] });
    expect(result).toMatchObject({ outcome: "present", manifests: { present: 1 } });
    expect(to.count("HEAD", /\/blobs\//)).toBe(0);
    expect((await target.resolve("v2"))?.digest).toBe(index.descriptor.digest);
  });

  test("repairs an image whose blobs and children are gone", async () => {
    const source = memoryContent();
    const { images, index } = await writeIndex(source);
    const to = await startRegistry();
    const target = to.client.repository(to.address, "team/app");
    await copyImage(source, target, { reference: "v1" });
    const place = to.storage.repository("team/app");
    await place.deleteBlob(images[0]!.layers[1]!.descriptor.digest);
    await place.deleteManifest(images[1]!.manifest.descriptor.digest);
    const result = await copyImage(source, target, { reference: "v1" });
    expect(result).toMatchObject({
      outcome: "copied",
      blobs: { written: 1 },
      manifests: { written: 1, present: 2 },
    });
    await expectWhole(target, images);
    expect((await target.resolve("v1"))?.digest).toBe(index.descriptor.digest);
  });

  test("links blobs of other repositories instead of sending them again", async () => {
    const base = await randomLayer(20_000);
    const to = await startRegistry();
    const run = createCopyRun();
    const outcomes = await Promise.all(
      ["a", "b", "c"].map(async (name) => {
        const source = memoryContent();
        await writeImage(source, await sampleImage({ layers: [base, await randomLayer()] }), {
          tags: ["v1"],
        });
        return copyImage(source, to.client.repository(to.address, `team/${name}`), { reference: "v1", run });
      }),
    );
    const sum = (key: "written" | "mounted"): number =>
      outcomes.reduce((total, item) => total + item.blobs[key], 0);
    expect(sum("mounted")).toBe(2);
    expect(sum("written")).toBe(1 + 3 * 2);
  });

  test("asks by links alone where they have worked, and sends nothing that is there", async () => {
    const base = await randomLayer(20_000);
    const to = await startRegistry();
    const run = createCopyRun();
    const images = await Promise.all(
      Array.from({ length: 3 }, async () => sampleImage({ layers: [base, await randomLayer()] })),
    );
    const copy = async (index: number): Promise<CopyResult> => {
      const source = memoryContent();
      await writeImage(source, images[index]!, { tags: ["v1"] });
      const target = to.client.repository(to.address, `team/app-${index}`);
      return copyImage(source, target, { reference: "v1", run });
    };
    await copy(0);
    await copy(1);
    const { config, layers } = images[2]!;
    const own = { descriptor: layers[1]!.descriptor, bytes: layers[1]!.bytes! };
    await writeBlobs(storageContent(to.storage, "team/app-2"), [own]);
    to.requests.length = 0;
    expect((await copy(2)).blobs).toEqual({ mounted: 1, present: 1, written: 1, shared: 0 });
    expect(to.count("HEAD", /blobs/)).toBe(0);
    const uploaded = to.requests.filter(({ method }) => method === "PUT").map(({ received }) => received);
    expect(uploaded.toSorted()).toEqual(
      [config.descriptor.size, images[2]!.manifest.bytes.length].toSorted(),
    );
  });

  test("asks before it sends where links do not work", async () => {
    const base = await randomLayer(20_000);
    const to = await startRegistry();
    const run = createCopyRun();
    const [a, b] = ["a", "b"].map((name) => {
      const repository = to.client.repository(to.address, `team/${name}`);
      const writeBlob: ContentTarget["writeBlob"] = (descriptor, open, options = {}) =>
        repository.writeBlob(descriptor, open, { ...options, mountFrom: undefined });
      return { ...repository, writeBlob };
    });
    for (const target of [a!, b!]) {
      const source = memoryContent();
      const image = await sampleImage({ layers: [base, await randomLayer()] });
      await writeImage(source, image, { tags: ["v1"] });
      if (target === b) await writeBlobs(target, [{ descriptor: base.descriptor, bytes: base.bytes }]);
      const { blobs } = await copyImage(source, target, { reference: "v1", run });
      expect(blobs).toMatchObject(target === a ? { written: 3 } : { written: 2, present: 1 });
    }
  });

  test("a waiter moves a blob by itself when the first one fails", async () => {
    const layer = await randomLayer(3000);
    const good = memoryContent();
    await writeImage(good, await sampleImage({ layers: [layer] }), { tags: ["v1"] });
    const broken = memoryContent("broken");
    const image = await sampleImage({ layers: [layer] });
    await writeBlobs(broken, [image.config]);
    await broken.writeManifest("v1", image.manifest);
    const target = memoryContent("target");
    const run = createCopyRun();
    const results = await Promise.allSettled([
      copyImage(broken, target, { reference: "v1", tags: ["broken"], run }),
      copyImage(good, target, { reference: "v1", tags: ["good"], run }),
    ]);
    expect(results[1]).toMatchObject({ status: "fulfilled" });
    expect(
      (await readAll(target, { descriptor: layer.descriptor, bytes: layer.bytes })).equals(layer.bytes),
    ).toBe(true);
  });

  test("an error names image, blob and both registries, and no tag is set", async () => {
    const source = memoryContent("source");
    const image = await sampleImage();
    await writeBlobs(source, [image.config]);
    await source.writeManifest("v1", image.manifest);
    const to = await startRegistry();
    const target = to.client.repository(to.address, "team/app");
    const failure = copyImage(source, target, { reference: "v1" });
    await expect(failure).rejects.toMatchObject({ code: "not-found", reference: "source/content:v1" });
    const digests = image.layers.map((layer) => layer.descriptor.digest).join("|");
    await expect(failure).rejects.toThrow(
      new RegExp(
        `copying source/content:v1 to ${to.address}/team/app: blob (${digests}) \\(\\d+ bytes\\) of source/content`,
      ),
    );
    expect(await target.resolve("v1")).toBeUndefined();
  });

  test("a tag that is not there is an error", async () => {
    const failure = copyImage(memoryContent("a"), memoryContent("b"), { reference: "v9" });
    await expect(failure).rejects.toMatchObject({ code: "not-found" });
    await expect(failure).rejects.toThrow("a/content has no tag v9");
  });

  test("layers that only their publisher hands out are left where they are", async () => {
    const source = memoryContent();
    const own = await randomLayer();
    const foreign = {
      mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
      digest: (await randomLayer()).descriptor.digest,
      size: 12_345,
      urls: ["https://example.org/layer"],
    };
    const image = buildImage({ format: "oci", layers: [own, { descriptor: foreign, diffId: own.diffId }] });
    await writeImage(source, image, { tags: ["v1"] });
    const to = await startRegistry();
    const result = await copyImage(source, to.client.repository(to.address, "team/app"), { reference: "v1" });
    expect(result.blobs.written).toBe(2);
  });
});

describe("referrers", () => {
  test("of the index and of its children come along, with cosign's tags", async () => {
    const from = await startRegistry();
    const source = from.client.repository(from.address, "team/app");
    const { images, index } = await writeIndex(source);
    const ofIndex = sampleReferrer(index);
    const ofChild = sampleReferrer(images[0]!.manifest);
    const ofReferrer = sampleReferrer(ofIndex.manifest);
    for (const { manifest, blobs } of [ofIndex, ofChild, ofReferrer]) {
      await writeBlobs(source, blobs);
      await source.writeManifest(manifest.descriptor.digest, manifest);
    }
    const signature = await sampleImage();
    const tag = `${index.descriptor.digest.replace(":", "-")}.sig`;
    await writeImage(source, signature, { tags: [tag] });

    const to = await startRegistry();
    const target = to.client.repository(to.address, "team/app");
    const result = await copyImage(source, target, { reference: "v1", referrers: true });
    expect(result.manifests.written).toBe(7);
    for (const [subject, referrer] of [
      [index, ofIndex],
      [images[0]!.manifest, ofChild],
      [ofIndex.manifest, ofReferrer],
    ] as const) {
      const found = await target.referrers(subject.descriptor.digest);
      expect(found.map((item) => item.digest)).toEqual([referrer.manifest.descriptor.digest]);
    }
    expect(await target.resolve(tag)).toEqual(signature.manifest.descriptor);
    const puts = to.requests.filter(
      (request) => request.method === "PUT" && request.path.includes("/manifests/sha256:"),
    );
    const position = (digest: string): number => puts.findIndex((request) => request.path.endsWith(digest));
    expect(position(ofIndex.manifest.descriptor.digest)).toBeLessThan(position(index.descriptor.digest));
  });

  test("are left out unless asked for", async () => {
    const source = memoryContent();
    const { index } = await writeIndex(source);
    const referrer = sampleReferrer(index);
    await writeBlobs(source, referrer.blobs);
    await source.writeManifest(referrer.manifest.descriptor.digest, referrer.manifest);
    const target = memoryContent("target");
    await copyImage(source, target, { reference: "v1" });
    expect(await target.referrers(index.descriptor.digest)).toEqual([]);
  });

  test("that lead back to the image do not keep the copy waiting", async () => {
    // An index whose child names the index as its subject cannot be made: each would have to contain the other's digest.
    // A referrer that is an index of the image it refers to can.
    const source = memoryContent();
    const image = await sampleImage();
    await writeImage(source, image, { tags: ["v1"] });
    const json = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [image.manifest.descriptor],
      subject: image.manifest.descriptor,
    };
    const bytes = Buffer.from(JSON.stringify(json));
    const descriptor = { mediaType: json.mediaType, digest: digestOf(bytes), size: bytes.length };
    await source.writeManifest(descriptor.digest, { descriptor, bytes });
    const target = memoryContent("target");
    await copyImage(source, target, { reference: "v1", referrers: true });
    expect((await target.referrers(image.manifest.descriptor.digest)).map((item) => item.digest)).toEqual([
      descriptor.digest,
    ]);
  });
});

describe.skipIf(!hasProgram("docker-registry"))("with a real registry", () => {
  test("a copy there and back is the same, referrers by the fallback tag included", async () => {
    const registry = await startDockerRegistry();
    const client = createRegistryClient();
    cleanups.push(
      () => registry.close(),
      () => client.close(),
    );
    const source = memoryContent();
    const { images, index } = await writeIndex(source);
    const referrers = [sampleReferrer(index), sampleReferrer(index), sampleReferrer(images[1]!.manifest)];
    for (const { manifest, blobs } of referrers) {
      await writeBlobs(source, blobs);
      await source.writeManifest(manifest.descriptor.digest, manifest);
    }
    const target = client.repository(registry.address, "team/app");
    await copyImage(source, target, { reference: "v1", referrers: true });
    const again = await copyImage(source, target, { reference: "v1", referrers: true });
    expect(again.outcome).toBe("present");
    const back = memoryContent("back");
    await copyImage(target, back, { reference: "v1", referrers: true });
    await expectWhole(back, images);
    const found = await back.referrers(index.descriptor.digest);
    expect(found.map((item) => item.digest).toSorted()).toEqual(
      referrers
        .slice(0, 2)
        .map((item) => item.manifest.descriptor.digest)
        .toSorted(),
    );
  });

  test.skipIf(!hasProgram("skopeo"))("skopeo reads what was copied", async () => {
    const registry = await startDockerRegistry();
    const client = createRegistryClient();
    const dir = await mkdtemp(path.join(tmpdir(), "oci-skopeo-"));
    cleanups.push(
      () => registry.close(),
      () => client.close(),
      () => rm(dir, { recursive: true, force: true }),
    );
    const source = memoryContent();
    const { images, index } = await writeIndex(source);
    await copyImage(source, client.repository(registry.address, "team/app"), { reference: "v1" });
    const name = `docker://${registry.address}/team/app:v1`;
    const raw = execFileSync("skopeo", ["inspect", "--tls-verify=false", "--raw", name]);
    expect(raw.equals(index.bytes)).toBe(true);
    const args = ["copy", "--all", "--preserve-digests", "--src-tls-verify=false", name, `oci:${dir}:v1`];
    execFileSync("skopeo", args, { stdio: "pipe" });
    const layout = (await openLayout(dir)).repository();
    expect((await layout.resolve("v1"))?.digest).toBe(index.descriptor.digest);
    await expectWhole(layout, images);
  });
});
