import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { decompress } from "./compression.ts";
import { digestOf } from "./digest.ts";
import { buildImage, buildIndex, writeImage } from "./image.ts";
import { createLayer } from "./layer.ts";
import { parseManifest } from "./manifest.ts";
import { memoryContent } from "./storage/storage-content.ts";
import { chunked, collect } from "./testing/content-checks.ts";
import { hasProgram } from "./testing/docker-registry.ts";

const files = [
  { path: "package/manifest.yaml", content: Buffer.from("kind: PackageManifest\n") },
  { path: "package/a.yaml", content: Buffer.from("a: 1\n") },
];

test("a layer is the same whatever the order of its entries", async () => {
  const layer = await createLayer(files);
  const again = await createLayer(files.toReversed());
  expect(again.descriptor).toEqual(layer.descriptor);
  expect(again.diffId).toBe(layer.diffId);
  expect(digestOf(gunzipSync(layer.bytes))).toBe(layer.diffId);
  expect(layer.bytes[9]).toBe(255);
});

test("an image has the configuration of a package image, key by key", async () => {
  const layer = await createLayer(files);
  const image = buildImage({ layers: [layer], config: { Labels: { a: "b" } } });
  expect(Buffer.from(image.config.bytes).toString()).toBe(
    `{"architecture":"amd64","created":"0001-01-01T00:00:00Z","history":[{"created":"0001-01-01T00:00:00Z"}],` +
      `"os":"linux","rootfs":{"type":"layers","diff_ids":["${layer.diffId}"]},"config":{"Labels":{"a":"b"}}}`,
  );
  const manifest = parseManifest(image.manifest);
  expect(manifest).toMatchObject({
    kind: "image",
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: { mediaType: "application/vnd.docker.container.image.v1+json" },
    layers: [{ mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" }],
  });
  expect(buildImage({ layers: [layer], config: { Labels: { a: "b" } } }).manifest.descriptor).toEqual(
    image.manifest.descriptor,
  );
});

test("an image may use a layer that the target has already", async () => {
  const target = memoryContent();
  const base = await createLayer(files);
  await writeImage(target, buildImage({ layers: [base] }));
  const { descriptor, diffId } = base;
  const digest = await writeImage(
    target,
    buildImage({ layers: [{ descriptor, diffId }], created: "2026-01-01T00:00:00Z" }),
  );
  expect(await target.resolve(digest)).toBeDefined();
});

test("an index lists what it is given", async () => {
  const image = buildImage({ layers: [await createLayer(files)], format: "oci" });
  const index = buildIndex([image.manifest.descriptor], { annotations: { a: "b" } });
  expect(parseManifest(index)).toMatchObject({
    kind: "index",
    manifests: [image.manifest.descriptor],
    annotations: { a: "b" },
  });
});

const bad: readonly (readonly [string, object | string, string])[] = [
  ["no JSON", "{", "invalid-content"],
  ["no object", "[]", "invalid-content"],
  ["Docker schema 1", { schemaVersion: 1, name: "a", fsLayers: [] }, "unsupported"],
  ["another media type", { schemaVersion: 2, mediaType: "text/plain" }, "unsupported"],
  [
    "a bad digest",
    { schemaVersion: 2, config: { mediaType: "a", digest: "sha256:1", size: 1 } },
    "invalid-content",
  ],
  [
    "a negative size",
    { schemaVersion: 2, config: { mediaType: "a", digest: digestOf(""), size: -1 } },
    "invalid-content",
  ],
  ["no media type", { schemaVersion: 2, config: { digest: digestOf(""), size: 1 } }, "invalid-content"],
  [
    "children that are no list",
    { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json" },
    "invalid-content",
  ],
];
test.each(bad)("a manifest with %s is refused", (_what, json, code) => {
  const bytes = Buffer.from(typeof json === "string" ? json : JSON.stringify(json));
  const descriptor = { mediaType: "", digest: digestOf(bytes), size: bytes.length };
  expect(() => parseManifest({ descriptor, bytes })).toThrow(expect.objectContaining({ code }));
});

// "hello zstd hello zstd hello zstd\n" as the zstd program packs it.
const zstd = Buffer.from("KLUv/SQhlQAAYGhlbGxvIHpzdGQgCgEA/ooXqeve/w==", "base64");

test.each([
  ["gzip", async () => (await createLayer(files)).bytes, undefined],
  ["zstd", () => Promise.resolve(zstd), "hello zstd hello zstd hello zstd\n"],
  ["nothing", () => Promise.resolve(Buffer.from("abc")), "abc"],
  ["empty content", () => Promise.resolve(Buffer.alloc(0)), ""],
])("decompress understands %s", async (_what, make, expected) => {
  const output = await collect(decompress(chunked(await make(), 7)));
  if (expected === undefined) expect(digestOf(output)).toBe((await createLayer(files)).diffId);
  else expect(output.toString()).toBe(expected);
});

test.skipIf(!hasProgram("zstd"))(
  "decompress understands long zstd content in chunks of any size",
  async () => {
    const line = (index: number): string => `${index} ${randomUUID()} ${"same ".repeat(index % 50)}\n`;
    const content = Buffer.from(Array.from({ length: 40_000 }, (_, index) => line(index)).join(""));
    const packed = execFileSync("zstd", ["-q", "-c"], { input: content, maxBuffer: 64 * 1024 * 1024 });
    for (const size of [1000, 65_536, packed.length]) {
      expect((await collect(decompress(chunked(packed, size)))).equals(content)).toBe(true);
    }
  },
);

test("decompress fails for damaged zstd", async () => {
  await expect(collect(decompress(chunked(zstd.subarray(0, 20))))).rejects.toMatchObject({
    code: "invalid-content",
  });
  const wrong = Buffer.concat([zstd.subarray(0, 4), Buffer.alloc(40, 0xff)]);
  await expect(collect(decompress(chunked(wrong)))).rejects.toMatchObject({ code: "invalid-content" });
});

test("decompress fails for damaged gzip", async () => {
  const bytes = Buffer.from((await createLayer(files)).bytes);
  bytes[40]! ^= 0xff;
  await expect(collect(decompress(chunked(bytes)))).rejects.toMatchObject({ code: "invalid-content" });
  await expect(collect(decompress(chunked(bytes.subarray(0, 60))))).rejects.toMatchObject({
    code: "invalid-content",
  });
});

test("decompress passes the error of its input on", async () => {
  const broken = (async function* () {
    yield (await createLayer(files)).bytes.subarray(0, 50);
    throw new Error("the line is dead");
  })();
  await expect(collect(decompress(broken))).rejects.toThrow("the line is dead");
});
