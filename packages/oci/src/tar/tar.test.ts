import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "../digest.ts";
import { chunked, collect } from "../testing/content-checks.ts";
import { encodeTarHeader, tarBlockSize } from "./header.ts";
import { readTar, type TarEntry } from "./reader.ts";
import { safeTarPath } from "./safe-path.ts";
import { tarHeaderOf, writeTar, type TarInput } from "./writer.ts";

interface ReadEntry extends Omit<TarEntry, "content"> {
  readonly text: string;
}

async function readAll(tar: Uint8Array, chunkSize = 700): Promise<ReadEntry[]> {
  const entries: ReadEntry[] = [];
  for await (const { content, ...facts } of readTar(chunked(tar, chunkSize))) {
    entries.push(Object.assign(facts, { text: (await collect(content)).toString("utf8") }));
  }
  return entries;
}

const write = (entries: readonly TarInput[]): Promise<Buffer> => collect(writeTar(entries));
const text = (path: string, content: string): TarInput => ({ path, content: Buffer.from(content) });

describe("a written tar", () => {
  // Digests of what Go 1.26's archive/tar writes for a file of six bytes under these names.
  const d = "d".repeat(60);
  const e = "e".repeat(60);
  test.each([
    [
      "a short name",
      "package/manifest.yaml",
      "3b873fd3f4ca392817dae0660634f148b6cbb1c66844dc4add8df375ca108af2",
    ],
    [
      "a name that fits into prefix and name",
      `${d}/${e}/file.yaml`,
      "cd40cce1e297727028cf13b798c1b1905cf8fe8b6b794d223f6f08bd233656ce",
    ],
    [
      "a name that does not fit",
      `package/${"n".repeat(150)}.yaml`,
      "b62329561826363b8b7b106df4f6279d7c8d97739f642c9f0723fb3f8a06ef87",
    ],
    [
      "a name that is not ASCII",
      "package/ümläut.yaml",
      "615bfe622e87206a69a1d6e15154a8ff8e9b0741147a702a8bb45fcd8f96236e",
    ],
    [
      "a deep name",
      `${"a/".repeat(80)}x`,
      "2666e2390b4ce63422c0db7a63af05ceab9f468e4e035d276f96381bcc26a9ad",
    ],
    [
      "a long folder that is not ASCII",
      `package/${"ü".repeat(80)}/x.yaml`,
      "e0586f4c5aeb7c3455adb13803e2d8278154232b45d6c7edf57374c4bd4e8b7a",
    ],
    [
      "the longest USTAR name",
      `${"p".repeat(155)}/${"q".repeat(100)}`,
      "7183927878b7eb32eb8f88be25ec2960870c6a53c963747d91ee2c0a69dfa9e0",
    ],
    [
      "a folder of one byte too many",
      `${"p".repeat(156)}/q`,
      "d24dd13c664c1235ff42f7f1e83c1ec4b9a1dfffb2518536b39d83dc23d680de",
    ],
  ])("with %s has the bytes that Go writes", async (_what, path, digest) => {
    expect(digestOf(await write([text(path, "hello\n")]))).toBe(`sha256:${digest}`);
  });

  test("of folders and links has the bytes that Go writes", async () => {
    const tar = await write([
      { path: "bin/", type: "directory", mode: 0o755 },
      { path: "bin/sh", type: "symlink", mode: 0o777, linkName: "busybox", uid: 10_001, gid: 10_001 },
      { path: "bin/l", type: "symlink", mode: 0o777, linkName: "t".repeat(120) },
    ]);
    expect(digestOf(tar)).toBe("sha256:3f092d8ddf60af02569f499307bf5cccfcb28236980a5beee219f36f6854ec7a");
  });

  test("is read by the system's tar", async () => {
    const long = `${"folder/".repeat(40)}${"é".repeat(50)}`;
    const tar = await write([
      text("a", "1"),
      text(long, "22"),
      { path: "l", type: "symlink", linkName: "a" },
    ]);
    const names = execFileSync("tar", ["tf", "-", "--quoting-style=literal"], {
      input: tar,
      env: { LC_ALL: "C.UTF-8", PATH: process.env["PATH"] },
    });
    expect(names.toString("utf8").trim().split("\n")).toEqual(["a", long, "l"]);
  });

  test("refuses a stream of another length than announced", async () => {
    for (const size of [3, 9]) {
      const entry: TarInput = { path: "a", size, content: () => chunked(Buffer.from("12345")) };
      await expect(write([entry])).rejects.toMatchObject({ code: "size-mismatch" });
    }
  });

  test("states sizes that USTAR cannot", () => {
    const size = 9 * 1024 ** 3;
    const header = encodeTarHeader({ ...tarHeaderOf({ path: "big" }), size });
    expect(header).toHaveLength(3 * tarBlockSize);
    expect(Buffer.from(header).toString("latin1")).toContain(`size=${size}\n`);
  });
});

describe("reading a tar", () => {
  test("gives back what was written", async () => {
    const path = fc
      .array(
        fc.string({ minLength: 1, maxLength: 40 }).filter((part) => !/[/\0]/.test(part)),
        { minLength: 1, maxLength: 9 },
      )
      .map((parts) => parts.join("/"));
    const entry = fc.record({
      path,
      content: fc.uint8Array({ maxLength: 2000 }),
      mode: fc.integer({ min: 0, max: 0o7777 }),
      uid: fc.integer({ min: 0, max: 2_097_151 }),
      mtime: fc.integer({ min: 0, max: 8_589_934_591 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 5 }),
        fc.integer({ min: 1, max: 1500 }),
        async (entries, chunkSize) => {
          const read = await readAll(await write(entries), chunkSize);
          expect(
            read.map(({ path: name, mode, uid, mtime, text: content }) => ({
              path: name,
              mode,
              uid,
              mtime,
              content,
            })),
          ).toEqual(
            entries.map(({ content, ...facts }) =>
              Object.assign(facts, { content: Buffer.from(content).toString("utf8") }),
            ),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test("says where content is, and skips what nobody reads", async () => {
    const tar = await write([text("a", "first"), text("b", "second")]);
    const offsets: number[] = [];
    for await (const entry of readTar(chunked(tar, 100))) offsets.push(entry.offset);
    expect(offsets).toEqual([512, 1536]);
  });

  test.each(["v7", "oldgnu", "gnu", "ustar", "posix"])("understands GNU tar's %s format", async (format) => {
    const name = format === "v7" || format === "ustar" ? "name" : `${"long-folder-name/".repeat(12)}name`;
    const script = `mkdir -p "$(dirname "$1")" && printf content > "$1" && ln -s "$1" link && tar cf - --format="$2" link "$1"; rm -r ./*`;
    const tar = execFileSync(
      "sh",
      ["-c", `cd "$(mktemp -d)" && ${script} && rmdir "$PWD"`, "sh", name, format],
      {
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    const entries = await readAll(tar);
    // V7 cannot hold a link to a long name, which is not used there.
    expect(entries).toMatchObject([
      { path: "link", type: "symlink", linkName: name },
      { path: name, type: "file", text: "content" },
    ]);
  });

  test.each([
    ["a wrong checksum", (tar: Buffer) => tar.fill("7", 149, 151), /wrong checksum in the header at byte 0/],
    ["a bad number", (tar: Buffer) => (tar.write("zz", 124), fixChecksum(tar)), /bad number/],
    ["a cut header", (tar: Buffer) => tar.subarray(0, 300), /unexpected end/],
    ["cut content", (tar: Buffer) => tar.subarray(0, 514), /unexpected end within "a"/],
    ["something else", () => gzipSync("x".repeat(2000)), /checksum|number|end/],
  ])("fails for %s with the place", async (_what, damage, message) => {
    const tar = damage(await write([text("a", "first")]));
    const failure = readAll(tar);
    await expect(failure).rejects.toMatchObject({ code: "invalid-content" });
    await expect(failure).rejects.toThrow(message);
  });

  test("fails for an extension header of unreasonable size", async () => {
    const tar = await write([text("a".repeat(200), "x")]);
    tar.write("77777777777", 124);
    await expect(readAll(fixChecksum(tar))).rejects.toMatchObject({ code: "too-large" });
  });

  test("of no entries has none", async () => {
    expect(await readAll(new Uint8Array(0))).toEqual([]);
    expect(await readAll(new Uint8Array(1024))).toEqual([]);
  });
});

test.each([
  ["a/b", "a/b"],
  ["./a//b/", "a/b"],
  [".", ""],
  ["a/../b", "b"],
  ["a..b/...", "a..b/..."],
])("the path %j is %j", (path, expected) => {
  expect(safeTarPath(path)).toBe(expected);
});

test.each(["/etc/passwd", "../a", "a/../../b", "a\\b", "a\0b"])("the path %j is refused", (path) => {
  expect(() => safeTarPath(path)).toThrow(expect.objectContaining({ code: "unsafe-path" }));
});

function fixChecksum(tar: Buffer): Buffer {
  tar.fill(" ", 148, 156);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return tar;
}
