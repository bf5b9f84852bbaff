import { execFileSync } from "node:child_process";
import { mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeImage } from "../image.ts";
import { createRegistryClient } from "../client/client.ts";
import { createRegistryServer } from "../server/server.ts";
import { layoutStorage } from "../storage/layout-storage.ts";
import { chunked, readAll, writeBlobs } from "../testing/content-checks.ts";
import { contentContract } from "../testing/content-contract.ts";
import { hasProgram } from "../testing/docker-registry.ts";
import { randomBlob, sampleImage, sampleReferrer } from "../testing/samples.ts";
import { createLayoutArchive, partialPath } from "./archive-writer.ts";
import { openLayout, openLayoutArchive } from "./layout.ts";

let dir: string;
let count = 0;
const fresh = (): string => path.join(dir, `layout-${++count}`);
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "oci-layout-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

contentContract(
  "layout in a folder",
  async () => {
    const layout = await openLayout(fresh(), { create: true });
    return { repository: (name) => layout.repository(`example.org/${name}`), close: () => Promise.resolve() };
  },
  { sharesBlobs: true, keepsManifests: true },
);

contentContract(
  "layout archive while it is written",
  async () => {
    const archive = await createLayoutArchive(`${fresh()}.tar`);
    return { repository: (name) => archive.repository(`example.org/${name}`), close: () => archive.close() };
  },
  { sharesBlobs: true, keepsManifests: true },
);

describe("a layout in a folder", () => {
  test("is not made where nobody asked for it", async () => {
    await expect(openLayout(fresh())).rejects.toMatchObject({ code: "invalid-content" });
  });

  test("of another version is refused", async () => {
    const place = fresh();
    await openLayout(place, { create: true });
    await writeFile(path.join(place, "oci-layout"), '{"imageLayoutVersion":"9.0.0"}');
    await expect(openLayout(place)).rejects.toMatchObject({ code: "unsupported" });
  });

  test("with a damaged index says which file and where", async () => {
    const place = fresh();
    const layout = await openLayout(place, { create: true });
    await writeFile(path.join(place, "index.json"), '{"schemaVersion":2,"manifests":[{}]}');
    const failure = layout.repository().resolve("v1");
    await expect(failure).rejects.toMatchObject({ code: "invalid-content" });
    await expect(failure).rejects.toThrow(/index\.json.*manifests\[0\]/);
  });

  test("keeps names whole without a repository", async () => {
    const layout = await openLayout(fresh(), { create: true });
    const image = await sampleImage();
    await writeImage(layout.repository(), image, { tags: ["quay.io/team/app:v1"] });
    const byRepository = layout.repository("quay.io/team/app");
    expect(await byRepository.resolve("v1")).toEqual(image.manifest.descriptor);
    expect(await byRepository.tags()).toEqual(["v1"]);
    expect(await layout.repository("quay.io/team").tags()).toEqual([]);
  });

  test("lists an image without a tag by its digest", async () => {
    const layout = await openLayout(fresh(), { create: true });
    const image = await sampleImage();
    const digest = await writeImage(layout.repository("quay.io/team/app"), image);
    expect((await layout.entries()).map((entry) => entry.name)).toEqual([`quay.io/team/app@${digest}`]);
  });

  test.skipIf(!hasProgram("skopeo"))("is read by skopeo", async () => {
    const place = fresh();
    const layout = await openLayout(place, { create: true });
    const image = await sampleImage();
    await writeImage(layout.repository(), image, { tags: ["v1"] });
    const raw = execFileSync("skopeo", ["inspect", "--raw", `oci:${place}:v1`]);
    expect(raw.equals(image.manifest.bytes)).toBe(true);
    const copy = fresh();
    execFileSync("skopeo", ["copy", "--preserve-digests", `oci:${place}:v1`, `oci:${copy}:v2`]);
    const again = await openLayout(copy);
    expect(await again.repository().resolve("v2")).toEqual(image.manifest.descriptor);
  });
});

describe("a layout archive", () => {
  test("is whole under its name only when finished", async () => {
    const file = `${fresh()}.tar`;
    const archive = await createLayoutArchive(file);
    const image = await sampleImage();
    await writeImage(archive.repository("quay.io/team/app"), image, { tags: ["v1"] });
    await archive.addFile("plan.json", Buffer.from("{}"));
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
    await archive.finish();
    await expect(stat(partialPath(file))).rejects.toMatchObject({ code: "ENOENT" });

    const read = await openLayoutArchive(file);
    const source = read.repository("quay.io/team/app");
    expect((await source.manifest("v1")).descriptor).toEqual(image.manifest.descriptor);
    for (const layer of image.layers) {
      const blob = { descriptor: layer.descriptor, bytes: layer.bytes! };
      expect((await readAll(source, blob)).equals(layer.bytes!)).toBe(true);
    }
    expect(Buffer.from((await read.readFile("plan.json"))!).toString()).toBe("{}");
    expect(await read.readFile("none")).toBeUndefined();
    await read.close();
  });

  test("goes on after an interruption with the blobs that are whole", async () => {
    const file = `${fresh()}.tar`;
    const first = await createLayoutArchive(file);
    const kept = randomBlob(50_000);
    const damaged = randomBlob(60_000);
    const torn = randomBlob(70_000);
    const target = first.repository();
    await writeBlobs(target, [kept, damaged, torn]);
    await first.close();
    const partial = await open(partialPath(file), "r+");
    await partial.write("damage", 512 + 50_176 + 512 + 1000);
    await partial.truncate(512 + 50_176 + 512 + 60_416 + 512 + 30_000);
    await partial.close();

    const second = await createLayoutArchive(file);
    const again = second.repository();
    expect(await again.hasBlob(kept.descriptor)).toBe(true);
    expect(await again.hasBlob(damaged.descriptor)).toBe(false);
    expect(await again.hasBlob(torn.descriptor)).toBe(false);
    await writeBlobs(again, [damaged, torn]);
    await second.finish();
    const read = await openLayoutArchive(file);
    for (const blob of [kept, damaged, torn]) {
      expect((await readAll(read.repository(), blob)).equals(blob.bytes)).toBe(true);
    }
    await read.close();
  });

  test("does not offer a blob that failed, and keeps the others", async () => {
    const file = `${fresh()}.tar`;
    const archive = await createLayoutArchive(file);
    const bad = randomBlob(9000);
    const good = randomBlob(8000);
    const wrong = archive.repository().writeBlob(bad.descriptor, () => chunked(randomBlob(9000).bytes));
    await expect(wrong).rejects.toMatchObject({ code: "digest-mismatch" });
    await writeBlobs(archive.repository(), [good]);
    await archive.finish();
    const read = await openLayoutArchive(file);
    expect(await read.blobSize(bad.descriptor.digest)).toBeUndefined();
    expect((await readAll(read.repository(), good)).equals(good.bytes)).toBe(true);
    await read.close();
  });

  test("takes blobs of several images at the same time", async () => {
    const file = `${fresh()}.tar`;
    const archive = await createLayoutArchive(file);
    const blobs = Array.from({ length: 12 }, (_, index) => randomBlob(10_000 + index * 777));
    await Promise.all(
      blobs.map((blob) =>
        archive
          .repository()
          .writeBlob(blob.descriptor, (offset) => chunked(blob.bytes.subarray(offset), 999)),
      ),
    );
    await archive.finish();
    const read = await openLayoutArchive(file);
    for (const blob of blobs) expect((await readAll(read.repository(), blob)).equals(blob.bytes)).toBe(true);
    await read.close();
    const listing = execFileSync("tar", ["tf", file]).toString().trim().split("\n");
    expect(listing).toHaveLength(blobs.length + 2);
  });

  test.each([
    ["a compressed file", Buffer.from([0x1f, 0x8b, 8, 0]), "unsupported"],
    ["a file that is no tar", Buffer.alloc(1024, "x"), "invalid-content"],
    ["an empty file", Buffer.alloc(0), "invalid-content"],
  ])("%s is refused", async (_what, bytes, code) => {
    const file = `${fresh()}.tar`;
    await writeFile(file, bytes);
    await expect(openLayoutArchive(file)).rejects.toMatchObject({ code });
  });

  test.skipIf(!hasProgram("skopeo"))("gives single images to skopeo", async () => {
    const file = `${fresh()}.tar`;
    const archive = await createLayoutArchive(file);
    const images = [await sampleImage(), await sampleImage()];
    await writeImage(archive.repository("quay.io/team/app"), images[0]!, { tags: ["v1"] });
    await writeImage(archive.repository("quay.io/team/other"), images[1]!, { tags: ["v1"] });
    await archive.finish();
    const raw = execFileSync("skopeo", ["inspect", "--raw", `oci-archive:${file}:quay.io/team/other:v1`]);
    expect(raw.equals(images[1]!.manifest.bytes)).toBe(true);
  });

  test("is served as a read-only registry", async () => {
    const file = `${fresh()}.tar`;
    const archive = await createLayoutArchive(file);
    const image = await sampleImage();
    const target = archive.repository("quay.io/team/app");
    const digest = await writeImage(target, image, { tags: ["v1"] });
    const referrer = sampleReferrer(image.manifest);
    await writeBlobs(target, referrer.blobs);
    await target.writeManifest(referrer.manifest.descriptor.digest, referrer.manifest);
    await archive.finish();

    const read = await openLayoutArchive(file);
    const server = createRegistryServer({ storage: await layoutStorage(read) });
    const { address } = await server.listen();
    const client = createRegistryClient();
    try {
      const app = client.repository(address, "team/app");
      expect(await app.resolve("v1")).toEqual(image.manifest.descriptor);
      expect(await client.repository(address, "quay.io/team/app").tags()).toEqual(["v1"]);
      const layer = { descriptor: image.layers[0]!.descriptor, bytes: image.layers[0]!.bytes! };
      expect((await readAll(app, layer)).equals(layer.bytes)).toBe(true);
      expect(await app.referrers(digest)).toHaveLength(1);
      const part = app.blob(layer.descriptor, { offset: 100 });
      const chunks: Uint8Array[] = [];
      for await (const chunk of part) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(layer.bytes.subarray(100))).toBe(true);
      await expect(writeImage(app, await sampleImage())).rejects.toMatchObject({ code: "unsupported" });
    } finally {
      await client.close();
      await server.close();
      await read.close();
    }
  });

  test("the same images in the same order give the same file", async () => {
    const image = await sampleImage();
    const files = await Promise.all(
      [fresh(), fresh()].map(async (name) => {
        const archive = await createLayoutArchive(`${name}.tar`);
        const target = archive.repository("quay.io/team/app");
        await writeBlobs(target, [
          ...image.layers.map((layer) => ({ descriptor: layer.descriptor, bytes: layer.bytes! })),
          image.config,
        ]);
        await target.writeManifest("v1", image.manifest);
        await archive.finish();
        return readFile(`${name}.tar`);
      }),
    );
    expect(files[0]!.equals(files[1]!)).toBe(true);
  });
});
