import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collectRuntimeFiles } from "./shared-libraries.ts";

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "root-"));
});
afterAll(() => rm(root, { recursive: true }));

test("libraries are taken from below a root under the paths they have there", async () => {
  const here = await collectRuntimeFiles(process.execPath);
  expect(here.files.length).toBeGreaterThan(3);
  for (const { path: file } of here.files.slice(1)) {
    await mkdir(path.join(root, path.dirname(file)), { recursive: true });
    await cp(file, path.join(root, file), { dereference: true });
  }
  const there = await collectRuntimeFiles(process.execPath, root);
  // Compared as bytes: element by element, a hundred megabytes take minutes.
  const isSame = here.files.map(({ path: file, content }, index) => {
    const other = there.files[index];
    return other?.path === file && other.content.equals(content);
  });
  expect(isSame).toEqual(here.files.map(() => true));
});

test("a library that is not there is named, and nothing of this machine takes its place", async () => {
  const { files } = await collectRuntimeFiles(process.execPath, root);
  const library = files.find(({ path: file }) => file.includes("libstdc++"))!;
  await rm(path.join(root, library.path));
  await expect(collectRuntimeFiles(process.execPath, root)).rejects.toMatchObject({
    code: "library",
    message: expect.stringMatching(/^libstdc\+\+\.so\.6, needed by .*node, is not in /) as string,
  });
});
