import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openJournal } from "./journal-file.ts";
import { ObjectStore } from "./object-store.ts";

let dir: string;
let file: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "journal-"));
  file = path.join(dir, "journal");
});

afterEach(() => rm(dir, { recursive: true, force: true }));

const configMap = (name: string, data = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "n" },
  data,
});

async function writeSome(): Promise<number> {
  const journal = await openJournal(file);
  const store = new ObjectStore({ journal });
  store.restore(journal.records);
  store.put("/configmaps", configMap("a", { x: "1" }));
  store.put("/configmaps", configMap("a", { x: "2" }));
  store.put("/configmaps", configMap("b"));
  store.delete("/configmaps", "n/b");
  journal.close();
  return store.revision;
}

async function readAll(): Promise<ObjectStore> {
  const journal = await openJournal(file);
  const store = new ObjectStore();
  store.restore(journal.records);
  journal.close();
  return store;
}

test("a store comes back with its objects and its revision, and without its history", async () => {
  const revision = await writeSome();
  const store = await readAll();
  expect(store.revision).toBe(revision);
  expect(store.list("/configmaps")).toEqual([
    { ...configMap("a", { x: "2" }), metadata: { name: "a", namespace: "n", resourceVersion: "3" } },
  ]);
  expect(store.eventsSince("/configmaps", revision - 1)).toBeUndefined();
  expect((await readFile(file, "utf8")).trim().split("\n")).toHaveLength(2);
});

test("a torn last record is dropped, wherever it is torn", async () => {
  await writeSome();
  const { length } = await readFile(file);
  for (const cut of [1, 5, 20]) {
    await truncate(file, length - cut);
    const journal = await openJournal(file);
    expect(journal.records.map(({ key }) => key)).toContain("n/a");
    journal.close();
    await rm(file);
    await writeSome();
  }
});

test("a damaged record before the last is refused with its line", async () => {
  await writeSome();
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace('"x":"1"', '"x":"9"'));
  await expect(openJournal(file)).rejects.toMatchObject({ code: "DataCorrupt" });
});

test("a damaged last line counts as torn", async () => {
  await writeSome();
  await appendFile(file, "00000000 {}\n");
  expect((await readAll()).list("/configmaps")).toHaveLength(1);
});
