import {
  buildImage,
  buildIndex,
  createLayer,
  memoryContent,
  type TarInput,
  writeImage,
} from "@package-operator/oci";
import { describe, expect, test } from "vitest";
import { importImage } from "./import-image.ts";
import { buildPackageImage } from "./package-image.ts";

const text = (path: string, content: string): TarInput => ({ path, content: Buffer.from(content) });

async function importLayers(...layers: (readonly TarInput[])[]): Promise<Record<string, string>> {
  const target = memoryContent("example/pkg");
  const built = await Promise.all(layers.map((entries) => createLayer(entries)));
  await writeImage(target, buildImage({ layers: built }), { tags: ["v1"] });
  const { files } = await importImage(target, "v1");
  return Object.fromEntries([...files].map(([path, content]) => [path, Buffer.from(content).toString()]));
}

test("what buildPackageImage wrote is read back, labels included", async () => {
  const raw = {
    files: new Map([
      ["manifest.yaml", Buffer.from("a")],
      ["dir/b.yaml", Buffer.from("b")],
    ]),
    labels: { team: "blue" },
  };
  const target = memoryContent("example/pkg");
  await writeImage(target, await buildPackageImage(raw), { tags: ["v1"] });
  const imported = await importImage(target, "v1");
  expect(imported.labels).toEqual(raw.labels);
  expect(Object.fromEntries(imported.files)).toEqual(Object.fromEntries(raw.files));
});

test("the same files give the same image, whatever their order", async () => {
  const entries: [string, Buffer][] = [
    ["b.yaml", Buffer.from("b")],
    ["a/z.yaml", Buffer.from("z")],
    [".hidden/x", Buffer.from("x")],
  ];
  const one = await buildPackageImage({ files: new Map(entries), labels: {} });
  const two = await buildPackageImage({ files: new Map(entries.slice(0, 2).toReversed()), labels: {} });
  expect(two.manifest.descriptor.digest).toBe(one.manifest.descriptor.digest);
});

describe("layers", () => {
  test("later ones win, white-outs hide, everything outside package/ is ignored", async () => {
    expect(
      await importLayers(
        [
          text("package/a.yaml", "old"),
          text("package/gone.yaml", "x"),
          text("package/dir/x.yaml", "x"),
          text("etc/b", "b"),
        ],
        [
          text("package/a.yaml", "new"),
          text("package/.wh.gone.yaml", ""),
          text("package/dir/.wh..wh..opq", ""),
          text("package/dir/y.yaml", "y"),
        ],
      ),
    ).toEqual({ "a.yaml": "new", "dir/y.yaml": "y" });
  });

  test("of several formats and compressions are read; of an index the linux/amd64 image is", async () => {
    const target = memoryContent("example/pkg");
    const oci = buildImage({ layers: [await createLayer([text("package/a", "amd64")], { format: "oci" })] });
    const other = buildImage({ layers: [await createLayer([text("package/a", "arm64")])] });
    await writeImage(target, oci, {});
    await writeImage(target, other, {});
    const index = buildIndex([
      { ...other.manifest.descriptor, platform: { os: "linux", architecture: "arm64" } },
      { ...oci.manifest.descriptor, platform: { os: "linux", architecture: "amd64" } },
    ]);
    await target.writeManifest("v1", index, {});
    const { files } = await importImage(target, "v1");
    expect(Buffer.from(files.get("a")!).toString()).toBe("amd64");
  });

  test("names may start with ./, hidden files and links are left out", async () => {
    expect(
      await importLayers([
        text("./package/a.yaml", "a"),
        text("package/.git/config", "x"),
        { path: "package/link.yaml", type: "symlink", linkName: "../../etc/passwd" },
        text("../package/escape.yaml", "x"),
      ]),
    ).toEqual({ "a.yaml": "a" });
  });
});

describe("content that is no package", () => {
  test("no files", async () => {
    await expect(importLayers([text("etc/a", "a")])).rejects.toThrow(
      "Package image contains no files. Might be corrupted.",
    );
  });

  test("absolute names", async () => {
    await expect(importLayers([text("/package/x", "a")])).rejects.toThrow(
      "package image contains files not under the dir package: Rel: can't make /package/x relative to package",
    );
  });

  test("more bytes or files than allowed, naming the entry", async () => {
    const target = memoryContent("example/pkg");
    const layer = await createLayer([text("package/a", "12345"), text("package/b", "12345")]);
    await writeImage(target, buildImage({ layers: [layer] }), { tags: ["v1"] });
    await expect(importImage(target, "v1", { maxBytes: 9 })).rejects.toThrow("too large at package/b");
    await expect(importImage(target, "v1", { maxFiles: 1 })).rejects.toThrow("too many files at package/b");
    await expect(importImage(target, "v1", { maxUnpackedBytes: 1000 })).rejects.toThrow(
      "layers unpack to too much",
    );
  });
});
