import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ContentTarget } from "../content.ts";
import { digestOf } from "../digest.ts";
import { writeImage } from "../image.ts";
import { chunked, collect, readAll, writeBlobs } from "./content-checks.ts";
import { randomBlob, sampleImage, sampleIndex, sampleReferrer } from "./samples.ts";

/** A place for content under test. */
export interface ContractSubject {
  /** A repository that nothing was written to. */
  repository(name: string): ContentTarget;
  close(): Promise<void>;
}

/** What an implementation cannot do. */
export interface ContractLimits {
  /** Blobs of one repository are visible in the others. */
  readonly sharesBlobs?: boolean;
  /** Manifests cannot be deleted. */
  readonly keepsManifests?: boolean;
}

/** What every place for content has to do; run for each implementation and for real registries. */
export function contentContract(
  name: string,
  open: () => Promise<ContractSubject>,
  limits: ContractLimits = {},
): void {
  describe(`content contract: ${name}`, () => {
    let subject: ContractSubject;
    let count = 0;
    const fresh = (): ContentTarget => subject.repository(`contract/r${++count}`);
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject?.close());

    test("a blob comes back as it was written, from any offset", async () => {
      const target = fresh();
      const blob = randomBlob(300_000);
      expect(await target.hasBlob(blob.descriptor)).toBe(false);
      const seen: number[] = [];
      const open = (offset: number): AsyncIterable<Uint8Array> => chunked(blob.bytes.subarray(offset));
      expect(await target.writeBlob(blob.descriptor, open, { onBytes: (n) => seen.push(n) })).toBe("written");
      expect(seen.reduce((sum, n) => sum + n, 0)).toBe(300_000);
      expect(await target.hasBlob(blob.descriptor)).toBe(true);
      expect((await readAll(target, blob)).equals(blob.bytes)).toBe(true);
      const tail = await collect(target.blob(blob.descriptor, { offset: 299_000 }));
      expect(tail.equals(blob.bytes.subarray(299_000))).toBe(true);
    });

    test("an empty blob is content, too", async () => {
      const target = fresh();
      const bytes = new Uint8Array(0);
      const blob = { bytes, descriptor: { mediaType: "text/plain", digest: digestOf(bytes), size: 0 } };
      await writeBlobs(target, [blob]);
      expect(await target.hasBlob(blob.descriptor)).toBe(true);
      expect(await readAll(target, blob)).toHaveLength(0);
    });

    test.each([
      ["shorter", (bytes: Uint8Array) => bytes.subarray(1), "size-mismatch"],
      ["longer", (bytes: Uint8Array) => Buffer.concat([bytes, bytes]), "size-mismatch"],
      ["different", (bytes: Uint8Array) => Buffer.from(bytes).fill(0, 100, 200), "digest-mismatch"],
    ])("a blob that is %s than announced is refused", async (_what, change, code) => {
      const target = fresh();
      const blob = randomBlob(5000);
      const wrong = change(blob.bytes);
      const writing = target.writeBlob(blob.descriptor, (offset) => chunked(wrong.subarray(offset)));
      await expect(writing).rejects.toMatchObject({ code });
      expect(await target.hasBlob(blob.descriptor)).toBe(false);
    });

    test("an image is found by its tag and by its digest, byte for byte", async () => {
      const target = fresh();
      const image = await sampleImage({ format: "docker" });
      const digest = await writeImage(target, image, { tags: ["v1", "latest"] });
      expect(await target.resolve("v1")).toEqual(image.manifest.descriptor);
      expect(await target.resolve(digest)).toEqual(image.manifest.descriptor);
      const content = await target.manifest("latest");
      expect(content.descriptor).toEqual(image.manifest.descriptor);
      expect(Buffer.from(content.bytes).equals(image.manifest.bytes)).toBe(true);
      expect(await target.tags()).toEqual(["latest", "v1"]);
    });

    test("a tag moves", async () => {
      const target = fresh();
      await writeImage(target, await sampleImage(), { tags: ["v1"] });
      const second = await sampleImage();
      await writeImage(target, second, { tags: ["v1"] });
      expect(await target.resolve("v1")).toEqual(second.manifest.descriptor);
      expect(await target.tags()).toEqual(["v1"]);
    });

    test("what is missing is undefined, false, empty or not-found", async () => {
      const target = fresh();
      const absent = digestOf("absent");
      expect(await target.resolve("v1")).toBeUndefined();
      expect(await target.resolve(absent)).toBeUndefined();
      await expect(target.manifest("v1")).rejects.toMatchObject({ code: "not-found" });
      expect(await target.tags()).toEqual([]);
      expect(await target.referrers(absent)).toEqual([]);
      const blob = randomBlob(10);
      expect(await target.hasBlob(blob.descriptor)).toBe(false);
      await expect(readAll(target, blob)).rejects.toMatchObject({ code: "not-found" });
    });

    test("an index and its children", async () => {
      const target = fresh();
      const images = [await sampleImage(), await sampleImage()];
      for (const image of images) await writeImage(target, image);
      const index = sampleIndex(images);
      await target.writeManifest("multi", index);
      expect((await target.manifest("multi")).descriptor).toEqual(index.descriptor);
      expect(await target.resolve(images[1]!.manifest.descriptor.digest)).toBeDefined();
    });

    test("a manifest whose bytes are not its digest is refused", async () => {
      const target = fresh();
      const image = await sampleImage();
      await writeImage(target, image);
      const bytes = Buffer.from(`${Buffer.from(image.manifest.bytes).toString("utf8").trimEnd()}\n`);
      const writing = target.writeManifest("v1", { descriptor: image.manifest.descriptor, bytes });
      await expect(writing).rejects.toMatchObject({ code: "size-mismatch" });
    });

    test("referrers of an image, all and by type", async () => {
      const target = fresh();
      const image = await sampleImage();
      await writeImage(target, image);
      const signature = sampleReferrer(image.manifest);
      const bom = sampleReferrer(image.manifest, "application/vnd.example.sbom");
      for (const { manifest, blobs } of [signature, bom]) {
        await writeBlobs(target, blobs);
        await target.writeManifest(manifest.descriptor.digest, manifest);
      }
      const all = await target.referrers(image.manifest.descriptor.digest);
      expect(all.map((item) => item.digest).toSorted()).toEqual(
        [signature, bom].map((item) => item.manifest.descriptor.digest).toSorted(),
      );
      const some = await target.referrers(image.manifest.descriptor.digest, {
        artifactType: "application/vnd.example.sbom",
      });
      expect(some).toMatchObject([
        { digest: bom.manifest.descriptor.digest, annotations: { "org.example": "yes" } },
      ]);
    });

    test.skipIf(limits.sharesBlobs)("a blob is visible in another repository after a mount", async () => {
      const from = fresh();
      const to = fresh();
      const blob = randomBlob(2000);
      await writeBlobs(from, [blob]);
      expect(await to.hasBlob(blob.descriptor)).toBe(false);
      const open = (): AsyncIterable<Uint8Array> => {
        throw new Error("the content was asked for");
      };
      expect(await to.writeBlob(blob.descriptor, open, { mountFrom: from.repository })).toBe("mounted");
      expect((await readAll(to, blob)).equals(blob.bytes)).toBe(true);
    });

    test("a mount from a repository without the blob sends the content", async () => {
      const target = fresh();
      const blob = randomBlob(2000);
      const open = (offset: number): AsyncIterable<Uint8Array> => chunked(blob.bytes.subarray(offset));
      expect(await target.writeBlob(blob.descriptor, open, { mountFrom: "contract/none" })).toBe("written");
      expect((await readAll(target, blob)).equals(blob.bytes)).toBe(true);
    });

    test.skipIf(limits.keepsManifests)("a manifest is deleted by its digest, with its tags", async () => {
      const target = fresh();
      const image = await sampleImage();
      const digest = await writeImage(target, image, { tags: ["v1"] });
      await target.deleteManifest(digest);
      expect(await target.resolve(digest)).toBeUndefined();
      expect(await target.resolve("v1")).toBeUndefined();
      await expect(target.deleteManifest(digest)).rejects.toMatchObject({ code: "not-found" });
    });

    test("an aborted signal stops reading and writing", async () => {
      const target = fresh();
      const blob = randomBlob(100_000);
      const stop = new AbortController();
      async function* open(): AsyncGenerator<Uint8Array> {
        yield blob.bytes.subarray(0, 50_000);
        stop.abort(new Error("stopped"));
        yield blob.bytes.subarray(50_000);
      }
      const writing = target.writeBlob(blob.descriptor, open, { signal: stop.signal });
      await expect(writing).rejects.toThrow("stopped");
      expect(await target.hasBlob(blob.descriptor)).toBe(false);
    });
  });
}
