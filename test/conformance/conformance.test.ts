import path from "node:path";
import { expect, test } from "vitest";
import { checkVectorFile, listVectorFiles } from "./check-vectors.ts";

const folder = path.join(import.meta.dirname, "vectors");

test.each(await listVectorFiles(folder))("%s", { timeout: 60_000 }, async (name) => {
  const vectors = await checkVectorFile(folder, name);
  expect(vectors.length).toBeGreaterThan(0);
  for (const { id, passed, actual, expected } of vectors) {
    if (!passed) expect(actual, id).toEqual(expected);
  }
  expect(vectors.filter(({ passed }) => !passed)).toEqual([]);
});

test("a file that no code runs is an error, not a success", async () => {
  await expect(checkVectorFile(folder, "unknown")).rejects.toThrow("unknown.jsonl");
});
