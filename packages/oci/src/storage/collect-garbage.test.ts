import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRegistryClient } from "../client/client.ts";
import type { ContentTarget } from "../content.ts";
import { copyImage } from "../copy/copy-image.ts";
import { writeImage, type BuiltImage } from "../image.ts";
import type { Blob } from "../layer.ts";
import { createRegistryServer } from "../server/server.ts";
import { chunked, collect, writeBlobs } from "../testing/content-checks.ts";
import { randomBlob, randomLayer, sampleImage } from "../testing/samples.ts";
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
    const expected = { blobs: 3, uploads: 0, files: 4, bytes, damaged: [] };
    const before = await filesIn(dir);
    expect(await collectGarbage(dir, { isDryRun: true })).toEqual(expected);
    expect(await filesIn(dir)).toEqual(before);
    expect(await collectGarbage(dir)).toEqual(expected);
    await expectWhole(target, kept);
    expect(await target.hasBlob(dropped.layers[1]!.descriptor)).toBe(false);
    expect(await repository("team/other").hasBlob(loose.descriptor)).toBe(false);
    expect(await collectGarbage(dir)).toEqual({ blobs: 0, uploads: 0, files: 0, bytes: 0, damaged: [] });
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

function blobsOf(image: BuiltImage): readonly Blob[] {
  return [image.config, ...image.layers.map(({ descriptor, bytes }) => ({ descriptor, bytes: bytes! }))];
}
