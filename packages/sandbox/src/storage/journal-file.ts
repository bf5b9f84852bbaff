import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, renameSync, writeSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { encodeJson, parseJson, YamlError } from "@package-operator/kube-yaml";
import { SandboxError } from "../errors.ts";
import { getNumber, getObject, getString, isObject, type JsonObject } from "../json.ts";
import type { Journal, StoreRecord } from "./object-store.ts";

/** A journal in a file. */
export interface JournalFile extends Journal {
  /** What the file held when it was opened: the last state of every object that was not deleted. */
  readonly records: readonly StoreRecord[];
  /** Flushes and closes. */
  close(): void;
}

/**
 * Opens an append-only journal: one record a line, each with a checksum. A torn last line, as a crash leaves it, is
 * dropped. The file is rewritten without history first, so it does not grow from start to start.
 *
 * @throws SandboxError `DataCorrupt` when anything but the end of the file is damaged.
 */
export async function openJournal(file: string): Promise<JournalFile> {
  const records = compact(parseRecords(await readOrEmpty(file), file));
  const temporary = `${file}.new`;
  await rm(temporary, { force: true });
  const rewritten = openSync(temporary, "wx", 0o600);
  for (const record of records) writeSync(rewritten, formatRecord(record));
  fsyncSync(rewritten);
  closeSync(rewritten);
  renameSync(temporary, file);
  const descriptor = openSync(file, "a", 0o600);
  let closed = false;
  return {
    records,
    append(record) {
      if (closed) throw new SandboxError("Closed", `the journal ${file} is closed`);
      appendWhole(descriptor, Buffer.from(formatRecord(record)));
    },
    close() {
      if (closed) return;
      closed = true;
      fsyncSync(descriptor);
      closeSync(descriptor);
    },
  };
}

/** A record as its line: checksum, blank, JSON. */
function formatRecord({ revision, collection, key, object }: StoreRecord): string {
  const text = encodeJson({ revision, collection, key, ...(object === undefined ? {} : { object }) });
  return `${checksum(text)} ${text}\n`;
}

/**
 * Reads the lines of a journal, dropping a torn last one.
 *
 * @throws SandboxError `DataCorrupt` for a damaged line before the last.
 */
function parseRecords(text: string, file: string): StoreRecord[] {
  const lines = text.split("\n");
  // Without a line end the last record was not written to its end, even when it can be read.
  lines.pop();
  return lines.flatMap((line, index) => {
    const record = parseRecord(line);
    if (record !== undefined) return [record];
    if (index === lines.length - 1) return [];
    throw new SandboxError("DataCorrupt", `${file}: line ${index + 1} is damaged`);
  });
}

function parseRecord(line: string): StoreRecord | undefined {
  const text = line.slice(9);
  if (line[8] !== " " || checksum(text) !== line.slice(0, 8)) return undefined;
  const value = parseObject(text);
  if (value === undefined) return undefined;
  const object = getObject(value, "object");
  return {
    revision: getNumber(value, "revision") ?? 0,
    collection: getString(value, "collection"),
    key: getString(value, "key"),
    ...(object === undefined ? {} : { object }),
  };
}

/** The last record of every key, deletions left out but for the one that carries the highest revision. */
function compact(records: readonly StoreRecord[]): StoreRecord[] {
  const last = new Map<string, StoreRecord>();
  for (const record of records) last.set(`${record.collection}|${record.key}`, record);
  const newest = records.at(-1);
  return [...last.values()]
    .filter((record) => record.object !== undefined || record === newest)
    .toSorted((a, b) => a.revision - b.revision);
}

/** A write that fails half way, on a full disk, is taken back. */
function appendWhole(descriptor: number, bytes: Buffer): void {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
  } catch (error) {
    if (written > 0) ftruncateSync(descriptor, fstatSync(descriptor).size - written);
    throw error;
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
}

async function readOrEmpty(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
