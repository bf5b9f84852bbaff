import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRegistryClient } from "../client/client.ts";
import type { ContentTarget } from "../content.ts";
import { copyImage } from "../copy/copy-image.ts";
import { writeImage, type BuiltImage } from "../image.ts";
import type { Blob } from "../layer.ts";
import type { ManifestContent } from "../manifest.ts";
import { createRegistryServer } from "../server/server.ts";
import { chunked, collect, writeBlobs } from "../testing/content-checks.ts";
import { randomBlob, randomLayer, sampleImage, sampleIndex, sampleReferrer } from "../testing/samples.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { dataFile } from "./disk-paths.ts";
import { diskStorage } from "./disk-storage.ts";
import { memoryContent, storageContent } from "./storage-content.ts";

const hour = 3_600_000;
let root: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "oci-garbage-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function freshStorage(): Promise<{
  dir: string;
  storage: Awaited<ReturnType<typeof diskStorage>>;
  repository: (name: string) => ContentTarget;
}> {
  const dir = path.join(root, `storage-${++count}`);
  const storage = await diskStorage(dir);
  return { dir, storage, repository: (name) => storageContent(storage, name) };
}

async function filesIn(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

/** Makes all files older than any grace period. */
async function age(dir: string): Promise<void> {
  const past = new Date(Date.now() - 48 * hour);
  for (const file of await filesIn(dir)) await utimes(file, past, past);
}

async function expectWhole(target: ContentTarget, image: BuiltImage): Promise<void> {
  for (const { descriptor } of blobsOf(image)) {
    expect((await collect(target.blob(descriptor))).length).toBe(descriptor.size);
  }
}

describe("collecting garbage", () => {
  test("removes what was deleted and what no manifest ever pointed to, and keeps all else", async () => {
    const { dir, repository } = await freshStorage();
    const shared = await randomLayer();
    const kept = await sampleImage({ layers: [shared, await randomLayer()] });
    const dropped = await sampleImage({ layers: [shared, await randomLayer(5000)] });
    const target = repository("team/app");
    await writeImage(target, kept, { tags: ["v1"] });
    await writeImage(target, dropped, { tags: ["v2"] });
    const loose = randomBlob(700);
    await writeBlobs(repository("team/other"), [loose]);
    await target.deleteManifest(dropped.manifest.descriptor.digest);
    await age(dir);

    const bytes =
      dropped.layers[1]!.descriptor.size +
      dropped.config.descriptor.size +
      dropped.manifest.bytes.length +
      loose.bytes.length;
    const expected = { manifests: 0, blobs: 3, uploads: 0, files: 4, bytes, damaged: [] };
    const before = await filesIn(dir);
    expect(await collectGarbage(dir, { isDryRun: true })).toEqual(expected);
    expect(await filesIn(dir)).toEqual(before);
    expect(await collectGarbage(dir)).toEqual(expected);
    await expectWhole(target, kept);
    expect(await target.hasBlob(dropped.layers[1]!.descriptor)).toBe(false);
    expect(await repository("team/other").hasBlob(loose.descriptor)).toBe(false);
    expect(await collectGarbage(dir)).toEqual({
      ...{ manifests: 0, blobs: 0, uploads: 0, files: 0, bytes: 0, damaged: [] },
    });
    expect(await readdir(dir)).toEqual(["blobs", "repositories"]);
  });

  test("keeps a blob for the grace period, and a new one for each time that it is asked for", async () => {
    const { dir, storage, repository } = await freshStorage();
    const [asked, mounted, forgotten] = [randomBlob(10), randomBlob(11), randomBlob(12)];
    await writeBlobs(repository("team/app"), [asked, mounted, forgotten]);
    expect(await collectGarbage(dir)).toMatchObject({ blobs: 0, files: 0 });
    await age(dir);
    expect(await repository("team/app").hasBlob(asked.descriptor)).toBe(true);
    expect(await storage.repository("team/new").mountBlob(mounted.descriptor.digest, "team/app")).toBe(true);
    expect(await collectGarbage(dir)).toMatchObject({ blobs: 2, files: 1, bytes: 12 });
    expect(await repository("team/app").hasBlob(asked.descriptor)).toBe(true);
    expect(await repository("team/new").hasBlob(mounted.descriptor)).toBe(true);
    expect(await collectGarbage(dir, { now: () => Date.now() + 48 * hour })).toMatchObject({
      blobs: 2,
      files: 2,
    });
  });

  test("removes stale uploads and half-written files, and no others", async () => {
    const { dir, storage } = await freshStorage();
    const stale = await storage.repository("team/app").startUpload();
    await stale.append(chunked(Buffer.from("stale")));
    const tags = path.join(dir, "repositories", "team", "app", "_tags");
    await mkdir(tags, { recursive: true });
    await writeFile(path.join(tags, "v1.0f.tmp"), "sha");
    await age(dir);
    const active = await storage.repository("team/app").startUpload();
    await active.append(chunked(Buffer.from("act")));
    expect(await collectGarbage(dir)).toMatchObject({ uploads: 1, files: 2, bytes: 8 });
    expect(await storage.repository("team/app").findUpload(stale.id)).toBeUndefined();
    await active.append(chunked(Buffer.from("ive")));
    expect(await active.size()).toBe(6);
  });

  test("leaves a repository alone whose manifests it does not understand", async () => {
    const { dir, repository } = await freshStorage();
    const image = await sampleImage();
    await writeImage(repository("team/app"), image, { tags: ["v1"] });
    const { digest } = image.manifest.descriptor;
    await writeFile(dataFile(dir, digest), "{");
    await age(dir);
    expect(await collectGarbage(dir)).toMatchObject({ blobs: 0, files: 0, damaged: [`team/app@${digest}`] });
    await expectWhole(repository("team/app"), image);
  });

  test("puts back what a killed collector had moved away", async () => {
    const { dir, repository } = await freshStorage();
    const image = await sampleImage();
    await writeImage(repository("team/app"), image, { tags: ["v1"] });
    const file = path.relative(dir, dataFile(dir, image.layers[0]!.descriptor.digest));
    await mkdir(path.dirname(path.join(dir, "trash", file)), { recursive: true });
    await rename(path.join(dir, file), path.join(dir, "trash", file));
    await expectWhole(storageContent(await diskStorage(dir), "team/app"), image);
    expect(await readdir(dir)).toEqual(["blobs", "repositories"]);
  });

  test("refuses a folder that is none of a registry", async () => {
    await expect(collectGarbage(path.join(root, "none"))).rejects.toMatchObject({ code: "not-found" });
  });

  test("harms no image that is pushed at the same time on top of old blobs", async () => {
    const { dir, storage } = await freshStorage();
    const errors: unknown[] = [];
    const server = createRegistryServer({ storage, onError: (error) => void errors.push(error) });
    const client = createRegistryClient();
    const { address } = await server.listen();
    try {
      for (let round = 0; round < 6; round++) {
        const images = await Promise.all(Array.from({ length: 6 }, () => sampleImage()));
        const names = images.map((_, index) => `round-${round}/app-${index}`);
        const targets = names.map((name) => client.repository(address, name));
        const push = async (image: BuiltImage, index: number): Promise<void> => {
          const source = memoryContent();
          await writeImage(source, image, { tags: ["v1"] });
          await copyImage(source, targets[index]!, { reference: "v1" });
        };
        // All blobs lie there, unused for long: each push finds them or finds them gone.
        await Promise.all(
          images.map((image, index) => writeBlobs(storageContent(storage, names[index]!), blobsOf(image))),
        );
        await age(dir);
        const collectors = [collectGarbage(dir, { graceMs: 0 }), collectGarbage(dir, { graceMs: 0 })];
        await Promise.all([...images.map(push), ...collectors]);
        await Promise.all(images.map((image, index) => expectWhole(targets[index]!, image)));
        expect(errors).toEqual([]);
      }
    } finally {
      await client.close();
      await server.close();
    }
  }, 60_000);
});

describe("collecting manifests that no tag leads to", () => {
  async function writeIndex(
    target: ContentTarget,
    tag?: string,
  ): Promise<{ index: ManifestContent; images: readonly BuiltImage[] }> {
    const images = [await sampleImage(), await sampleImage({ architecture: "arm64" })];
    for (const image of images) await writeImage(target, image);
    const index = sampleIndex(images);
    await target.writeManifest(tag ?? index.descriptor.digest, index);
    return { index, images };
  }

  async function refer(target: ContentTarget, subject: ManifestContent): Promise<ManifestContent> {
    const { manifest, blobs } = sampleReferrer(subject);
    await writeBlobs(target, blobs);
    await target.writeManifest(manifest.descriptor.digest, manifest);
    return manifest;
  }

  const has = async (target: ContentTarget, { descriptor }: ManifestContent): Promise<boolean> =>
    (await target.resolve(descriptor.digest)) !== undefined;

  test("keeps children of tagged indexes and their referrers, and takes the rest with its blobs and referrers", async () => {
    const { dir, repository } = await freshStorage();
    const target = repository("team/app");
    const kept = await writeIndex(target, "v1");
    const signature = await refer(target, kept.images[1]!.manifest);
    const ofSignature = await refer(target, signature);
    const dropped = await writeIndex(target, "v2");
    const bom = await refer(target, dropped.images[0]!.manifest);
    await target.deleteManifest("v2");
    await age(dir);

    const before = await filesIn(dir);
    const found = { manifests: 4, blobs: 7, damaged: [] };
    expect(await collectGarbage(dir)).toMatchObject({ manifests: 0, blobs: 0, files: 0 });
    expect(await collectGarbage(dir, { untagged: true, isDryRun: true })).toMatchObject(found);
    expect(await filesIn(dir)).toEqual(before);
    expect(await collectGarbage(dir, { untagged: true })).toMatchObject(found);

    for (const image of kept.images) await expectWhole(target, image);
    for (const one of [signature, ofSignature]) expect(await has(target, one)).toBe(true);
    expect(await target.referrers(kept.images[1]!.manifest.descriptor.digest)).toHaveLength(1);
    const gone = [dropped.index, ...dropped.images.map(({ manifest }) => manifest), bom];
    for (const one of gone) expect(await has(target, one)).toBe(false);
    expect((await filesIn(dir)).some((file) => file.endsWith(bom.descriptor.digest.slice(7)))).toBe(false);
    expect(await collectGarbage(dir, { untagged: true })).toMatchObject({ manifests: 0, blobs: 0, files: 0 });
  });

  test("what is new or was asked for stays for the grace period, with all that belongs to it", async () => {
    const { dir, repository } = await freshStorage();
    const target = repository("team/app");
    const { index, images } = await writeIndex(target);
    const signature = await refer(target, images[0]!.manifest);
    expect(await collectGarbage(dir, { untagged: true })).toMatchObject({ manifests: 0 });
    await age(dir);
    expect(await target.resolve(index.descriptor.digest)).toBeDefined();
    expect(await collectGarbage(dir, { untagged: true })).toMatchObject({ manifests: 0, blobs: 0 });
    for (const image of images) await expectWhole(target, image);
    await age(dir);
    // The referrer alone was asked for: it stays without its subject.
    expect(await has(target, signature)).toBe(true);
    expect(await collectGarbage(dir, { untagged: true })).toMatchObject({ manifests: 3 });
    expect(await has(target, signature)).toBe(true);
  });

  test("the same manifest stays in the repository where it has a tag", async () => {
    const { dir, repository } = await freshStorage();
    const image = await sampleImage();
    await writeImage(repository("team/app"), image, { tags: ["v1"] });
    await writeImage(repository("team/copy"), image);
    await age(dir);
    expect(await collectGarbage(dir, { untagged: true })).toMatchObject({ manifests: 1, blobs: 3, files: 0 });
    await expectWhole(repository("team/app"), image);
    expect(await has(repository("team/copy"), image.manifest)).toBe(false);
  });

  test("leaves a repository alone that has a damaged manifest", async () => {
    const { dir, repository } = await freshStorage();
    const { index, images } = await writeIndex(repository("team/app"));
    const { digest } = images[0]!.manifest.descriptor;
    await writeFile(dataFile(dir, digest), "{");
    await age(dir);
    expect(await collectGarbage(dir, { untagged: true })).toMatchObject({
      ...{ manifests: 0, blobs: 0, damaged: [`team/app@${digest}`] },
    });
    expect(await has(repository("team/app"), index)).toBe(true);
  });

  test("harms no index that is put on top of old manifests at the same time", async () => {
    const { dir, storage } = await freshStorage();
    const server = createRegistryServer({ storage });
    const client = createRegistryClient();
    const { address } = await server.listen();
    try {
      for (let round = 0; round < 6; round++) {
        const names = Array.from({ length: 6 }, (_, index) => `round-${round}/app-${index}`);
        const sources = await Promise.all(
          names.map(async (name) => {
            const source = memoryContent();
            const written = await writeIndex(source, "v1");
            for (const image of written.images) await writeImage(storageContent(storage, name), image);
            return { source, ...written, target: client.repository(address, name) };
          }),
        );
        await age(dir);
        const push = async ({ source, index, images, target }: (typeof sources)[number]): Promise<void> => {
          // As clients do that send only what a registry says that it lacks.
          const there = await Promise.all(images.map(({ manifest }) => has(target, manifest)));
          const isComplete = there.every((isThere) => isThere);
          try {
            if (isComplete) await target.writeManifest("v1", index);
          } catch (error) {
            expect(error).toMatchObject({ code: "rejected" });
          }
          if ((await target.resolve("v1")) === undefined)
            await copyImage(source, target, { reference: "v1" });
        };
        const collectors = [1, 2].map(() => collectGarbage(dir, { graceMs: 0, untagged: true }));
        await Promise.all([...sources.map(push), ...collectors]);
        for (const { images, target } of sources) {
          for (const image of images) {
            expect(await has(target, image.manifest)).toBe(true);
            await expectWhole(target, image);
          }
        }
      }
    } finally {
      await client.close();
      await server.close();
    }
  }, 60_000);
});

function blobsOf(image: BuiltImage): readonly Blob[] {
  return [image.config, ...image.layers.map(({ descriptor, bytes }) => ({ descriptor, bytes: bytes! }))];
}
