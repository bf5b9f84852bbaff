import { gzipSync } from "node:zlib";
import { writeTar, type TarInput } from "@package-operator/oci";
import { describe, expect, test } from "vitest";
import { buildPackageImage } from "../package-image.ts";
import { writeDockerArchive } from "./docker-archive.ts";
import { importArchive } from "./import-archive.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const raw = {
  files: new Map([
    ["manifest.yaml", bytes("kind: PackageManifest\n")],
    ["deep/cm.yaml", bytes("kind: ConfigMap\n")],
  ]),
  labels: { team: "yard" },
};

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
const tar = (entries: readonly TarInput[]): AsyncGenerator<Uint8Array> => writeTar(entries);
const texts = (files: ReadonlyMap<string, Uint8Array>): Record<string, string> =>
  Object.fromEntries([...files].map(([name, content]) => [name, Buffer.from(content).toString()]));

test("an image goes through a docker archive and back", async () => {
  const image = await buildPackageImage(raw);
  const archive = await collect(
    writeDockerArchive(image, [
      "registry.example.org/team/toolshed:v1",
      "toolshed",
      "localhost:5000/shed",
      `quay.io/team/shed@sha256:${"a".repeat(64)}`,
    ]),
  );
  const [manifest] = JSON.parse(/\[\{"Config.*\}\]/.exec(archive.toString("latin1"))![0]) as [
    { RepoTags: string[] },
  ];
  expect(manifest.RepoTags).toEqual([
    "registry.example.org/team/toolshed:v1",
    "toolshed:latest",
    "localhost:5000/shed:latest",
    "quay.io/team/shed:i-was-a-digest",
  ]);
  for (const variant of [archive, gzipSync(archive)]) {
    const read = await importArchive(once(variant));
    expect(read.labels).toEqual(raw.labels);
    expect(texts(read.files)).toEqual(texts(raw.files));
  }
});

describe("a tar of the folder", () => {
  test.each(["", "./", "toolshed/", "./some-name/"])("below %j", async (prefix) => {
    const entries = [...raw.files, [".hidden/x", bytes("no")] as const].map(([path, content]) => ({
      path: prefix + path,
      content,
    }));
    expect(texts((await importArchive(tar(entries))).files)).toEqual(texts(raw.files));
  });
});

describe("bad archives", () => {
  const json = (value: unknown): TarInput => ({
    path: "manifest.json",
    content: bytes(JSON.stringify(value)),
  });
  test.each<[string, readonly TarInput[], string]>([
    ["a path that leaves", [{ path: "../evil", content: bytes("x") }], '"../evil" leaves the archive'],
    ["an absolute path", [{ path: "/etc/passwd", content: bytes("x") }], "is an absolute path"],
    ["no JSON", [{ path: "manifest.json", content: bytes("{") }], "manifest.json is not JSON"],
    ["no image", [json([])], "does not name a configuration"],
    ["two images", [json([{ Config: "c", Layers: [] }, {}])], "more than one image"],
    ["missing parts", [json([{ Config: "c", Layers: ["l"] }])], "names c, which is not there"],
  ])("%s", async (_name, entries, message) => {
    await expect(importArchive(tar(entries))).rejects.toMatchObject({
      code: "io",
      message: expect.stringContaining(message),
    });
  });

  test("a truncated tar", async () => {
    const whole = await collect(tar([{ path: "manifest.yaml", content: bytes("a".repeat(2000)) }]));
    await expect(importArchive(once(whole.subarray(0, 1000)))).rejects.toMatchObject({ code: "io" });
  });

  test("too much content", async () => {
    const entries = [{ path: "manifest.yaml", content: bytes("a".repeat(2000)) }];
    await expect(importArchive(tar(entries), { maxBytes: 1000 })).rejects.toThrow(
      "too large at manifest.yaml",
    );
    await expect(importArchive(tar(entries), { maxFiles: 0 })).rejects.toThrow("too many files");
  });
});
