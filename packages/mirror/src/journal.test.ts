import { appendFile, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openJournal } from "./journal.ts";

const digest = `sha256:${"a".repeat(64)}`;
let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "journal-"));
  file = path.join(dir, "state/run.jsonl");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test("the next run knows what the last one began and finished", async () => {
  const first = await openJournal(file);
  first.noteBlob({ store: "m.io", repository: "pko/app" }, digest);
  await first.sessions.set("m.io/pko/app", "sha256:b", "http://m.io/upload/1");
  await first.sessions.set("m.io/pko/app", "sha256:c", "http://m.io/upload/2");
  await first.sessions.set("m.io/pko/app", "sha256:c", undefined);
  const next = await openJournal(file);
  expect(next.findBlob("m.io", digest)).toBe("pko/app");
  expect(next.findBlob("other.io", digest)).toBeUndefined();
  expect(next.findBlob("m.io", "sha256:c")).toBe("pko/app");
  expect(await next.sessions.get("m.io/pko/app", "sha256:b")).toBe("http://m.io/upload/1");
  expect(await next.sessions.get("m.io/pko/app", "sha256:c")).toBeUndefined();
});

test("an upload is not continued where another repository has been tried since", async () => {
  const journal = await openJournal(file);
  await journal.sessions.set("m.io/pko/app", digest, "http://m.io/upload/1");
  await journal.sessions.set("m.io/pko/web", digest, "http://m.io/upload/2");
  expect(await journal.sessions.get("m.io/pko/app", digest)).toBeUndefined();
  expect(await journal.sessions.get("m.io/pko/web", digest)).toBe("http://m.io/upload/2");
  expect(journal.findBlob("m.io", digest)).toBe("pko/web");
});

test("a line that a crash cut off is ignored, and the next is not glued to it", async () => {
  const first = await openJournal(file);
  await first.sessions.set("m.io/pko/app", "sha256:b", "http://m.io/upload/1");
  await appendFile(file, '{"upload":"m.io/pko/a');
  const second = await openJournal(file);
  await second.sessions.set("m.io/pko/app", "sha256:c", "http://m.io/upload/2");
  const third = await openJournal(file);
  expect(await third.sessions.get("m.io/pko/app", "sha256:b")).toBe("http://m.io/upload/1");
  expect(await third.sessions.get("m.io/pko/app", "sha256:c")).toBe("http://m.io/upload/2");
});

test("only its owner can read it, and a run that went well leaves nothing", async () => {
  const journal = await openJournal(file);
  await journal.sessions.set("m.io/pko/app", digest, "http://m.io/upload/1");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await journal.clear();
  await expect(stat(file)).rejects.toThrow("ENOENT");
});

test.each(["null\n", "[]\n", '{"blob":1}\n', "\u0000\n"])(
  "content that says nothing is ignored: %j",
  async (text) => {
    await openJournal(file);
    await writeFile(file, text);
    expect((await openJournal(file)).findBlob("m.io", digest)).toBeUndefined();
  },
);
