import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { generateCliDocs } from "../scripts/generate-cli-docs.ts";

const folder = path.resolve(import.meta.dirname, "../docs/cli");

test("docs/cli is what the commands say (npm run generate writes it)", async () => {
  const pages = generateCliDocs();
  expect((await readdir(folder)).toSorted()).toEqual([...pages.keys()].toSorted());
  for (const [name, text] of pages) expect(await readFile(path.join(folder, name), "utf8")).toBe(text);
});

test("every command has a page, hidden ones have none", () => {
  const names = [...generateCliDocs().keys()];
  expect(names).toContain("rollout-history.md");
  expect(names.some((name) => name.includes("__"))).toBe(false);
});
