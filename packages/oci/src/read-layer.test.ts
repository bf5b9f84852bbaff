import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { digestOf, verifyStream } from "./digest.ts";
import { readLayer } from "./read-layer.ts";
import { writeTar } from "./tar/writer.ts";

const chunks: Uint8Array[] = [];
for await (const chunk of writeTar([{ path: "a", content: Buffer.from("1") }, { path: "b" }]))
  chunks.push(chunk);
const tar = Buffer.concat(chunks);

/** Content in chunks of a given size, checked at its end as a blob is. */
function blob(bytes: Uint8Array, digest: string, size: number): AsyncIterable<Uint8Array> {
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  return verifyStream(pieces(), { digest, size: bytes.length }, "blob");
}

async function names(content: AsyncIterable<Uint8Array>): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of readLayer(content)) found.push(path);
  return found;
}

const padding = Buffer.alloc(100_000);
describe.each([
  ["a tar", tar],
  ["a tar with padding", Buffer.concat([tar, padding])],
  ["gzip", gzipSync(tar)],
  ["gzip of a tar with padding", gzipSync(Buffer.concat([tar, padding]))],
  ["gzip with zeros behind it", Buffer.concat([gzipSync(tar), Buffer.alloc(300_000)])],
])("%s", (_name, bytes) => {
  test.each([512, 65_536, 1_000_000])("is read to its end, in chunks of %d bytes", async (size) => {
    expect(await names(blob(bytes, digestOf(bytes), size))).toEqual(["a", "b"]);
  });

  test.each([512, 65_536, 1_000_000])("of another digest is refused, in chunks of %d bytes", async (size) => {
    await expect(names(blob(bytes, digestOf("other"), size))).rejects.toMatchObject({
      code: "digest-mismatch",
    });
  });
});

test("the content is closed when its reader stops early, and when it is damaged", async () => {
  let closed = 0;
  const open = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    try {
      yield bytes;
    } finally {
      closed += 1;
    }
  };
  for await (const _entry of readLayer(open(gzipSync(tar)))) break;
  expect(closed).toBe(1);
  await expect(names(open(Buffer.alloc(512, "x")))).rejects.toMatchObject({ code: "invalid-content" });
  expect(closed).toBe(2);
});
