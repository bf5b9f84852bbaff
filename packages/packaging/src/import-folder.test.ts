import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { importFolder } from "./import-folder.ts";
import { failure } from "./testing/sample-package.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "import-folder-"));
});

afterEach(() => rm(folder, { recursive: true }));

test("files come by their relative path; hidden ones, links and empty folders do not", async () => {
  await mkdir(path.join(folder, "dir/empty"), { recursive: true });
  await mkdir(path.join(folder, ".test-fixtures"));
  await writeFile(path.join(folder, "dir/a.yaml"), "a");
  await writeFile(path.join(folder, "README.md"), "r");
  await writeFile(path.join(folder, ".hidden"), "h");
  await writeFile(path.join(folder, ".test-fixtures/a.yaml"), "h");
  await symlink(path.join(folder, "README.md"), path.join(folder, "link.md"));
  await symlink(path.join(folder, "dir"), path.join(folder, "linked"));
  const { files, labels } = await importFolder(folder);
  expect([...files].map(([name, content]) => [name, Buffer.from(content).toString()])).toEqual([
    ["README.md", "r"],
    ["dir/a.yaml", "a"],
  ]);
  expect(labels).toEqual({});
});

test("the folder itself may be a link", async () => {
  await writeFile(path.join(folder, "a"), "a");
  const link = `${folder}-link`;
  await symlink(folder, link);
  try {
    expect([...(await importFolder(link)).files.keys()]).toEqual(["a"]);
  } finally {
    await rm(link);
  }
});

test("more bytes or files than allowed, naming the file", async () => {
  for (const name of ["a", "b"]) await writeFile(path.join(folder, name), "12345");
  expect(await failure(() => importFolder(folder, { maxBytes: 9 }))).toEqual({
    code: "io",
    message: "walk source dir: package content is too large at b",
  });
  expect(await failure(() => importFolder(folder, { maxFiles: 1 }))).toEqual({
    code: "io",
    message: "walk source dir: package has too many files at b",
  });
});

test("what is not there or no folder is named as upstream names it", async () => {
  expect(await failure(() => importFolder(path.join(folder, "nope")))).toEqual({
    code: "io",
    message: "walk source dir: access file .: stat .: no such file or directory",
  });
  await writeFile(path.join(folder, "file"), "");
  expect(await failure(() => importFolder(path.join(folder, "file")))).toEqual({
    code: "io",
    message: "walk source dir: access file .: stat .: not a directory",
  });
});
