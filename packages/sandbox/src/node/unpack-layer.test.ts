import { lstat, mkdtemp, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TarInput, writeTar } from "@package-operator/oci";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveInRoot } from "./rootfs.ts";
import { unpackLayer } from "./unpack-layer.ts";

let outside: string;
let root: string;

beforeEach(async () => {
  outside = await mkdtemp(path.join(tmpdir(), "unpack-"));
  root = await mkdtemp(path.join(outside, "root-"));
});

afterEach(() => rm(outside, { recursive: true, force: true }));

const file = (name: string, text: string, mode = 0o644): TarInput => ({
  path: name,
  content: Buffer.from(text),
  mode,
});
const link = (name: string, linkName: string): TarInput => ({
  path: name,
  type: "symlink",
  linkName,
  mode: 0o777,
});

async function unpack(...entries: TarInput[]): Promise<void> {
  await unpackLayer(root, writeTar(entries));
}

const read = (name: string): Promise<string> => readFile(path.join(root, name), "utf8");
const isThere = (name: string): Promise<boolean> =>
  lstat(path.join(root, name)).then(
    () => true,
    () => false,
  );

test("files, links and modes come out as they are", async () => {
  await unpack(
    { path: "bin/", type: "directory", mode: 0o755 },
    file("bin/run", "x", 0o755),
    link("run", "bin/run"),
    { path: "bin/same", type: "hardlink", linkName: "bin/run", mode: 0o755 },
  );
  expect((await lstat(path.join(root, "bin/run"))).mode & 0o777).toBe(0o755);
  expect(await readlink(path.join(root, "run"))).toBe("bin/run");
  expect(await read("bin/same")).toBe("x");
});

test("a link does not lead a later entry out of the folder", async () => {
  await writeFile(path.join(outside, "precious"), "mine");
  await unpack(
    link("up", ".."),
    file("up/precious", "stolen"),
    link("abs", outside),
    file("abs/precious", "stolen"),
  );
  expect(await readFile(path.join(outside, "precious"), "utf8")).toBe("mine");
  await unpack(link("precious", "../precious"), file("precious", "replaced"));
  expect(await readFile(path.join(outside, "precious"), "utf8")).toBe("mine");
  expect(await read("precious")).toBe("replaced");
});

test.each(["../evil", "/evil", "a/../../evil"])("the name %s is refused", async (name) => {
  await expect(unpack(file(name, "x"))).rejects.toMatchObject({ code: "unsafe-path" });
});

test("whiteouts remove what lower layers had", async () => {
  await unpack(file("a/one", "1"), file("a/two", "2"), file("b/three", "3"));
  await unpack(file("a/.wh.one", ""), file("b/.wh..wh..opq", ""), file("b/four", "4"));
  expect(await Promise.all(["a/one", "a/two", "b/three", "b/four"].map(isThere))).toEqual([
    false,
    true,
    false,
    true,
  ]);
});

test("links are followed as if the folder were the whole file system", async () => {
  await unpack(file("usr/bin/tool", "x"), link("bin", "/usr/bin"), link("tool", "bin/tool"));
  expect(await resolveInRoot(root, "/tool")).toBe(path.join(root, "usr/bin/tool"));
  expect(await resolveInRoot(root, "../../../tool")).toBe(path.join(root, "usr/bin/tool"));
  await symlink("loop", path.join(root, "loop"));
  await expect(resolveInRoot(root, "loop")).rejects.toThrow("too many links");
});
