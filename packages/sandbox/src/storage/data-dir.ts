import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { SandboxError } from "../errors.ts";
import { createServerKeys, readServerKeys, type ServerKeys } from "../auth/server-keys.ts";
import { type JournalFile, openJournal } from "./journal-file.ts";

/** A folder that keeps a control plane. */
export interface DataDir {
  readonly journal: JournalFile;
  /** The authority and the keys that kubeconfigs and tokens of earlier runs rely on. */
  readonly keys: ServerKeys;
  close(): Promise<void>;
}

/**
 * Opens, or makes, the folder of a control plane.
 *
 * @throws SandboxError `InvalidOptions` when another process uses it, `DataCorrupt` when it cannot be read.
 */
export async function openDataDir(dir: string, now: number): Promise<DataDir> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const lock = path.join(dir, "lock");
  await takeLock(lock);
  try {
    const keys = await openKeys(path.join(dir, "keys.json"), now);
    const journal = await openJournal(path.join(dir, "journal"));
    return {
      journal,
      keys,
      close: async () => {
        journal.close();
        await rm(lock, { force: true });
      },
    };
  } catch (error) {
    await rm(lock, { force: true });
    throw error;
  }
}

async function openKeys(file: string, now: number): Promise<ServerKeys> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text !== undefined) return readServerKeys(text, file);
  const keys = createServerKeys(now);
  await writeFile(file, `${JSON.stringify(keys)}\n`, { mode: 0o600, flag: "wx" });
  return keys;
}

/** One process per folder; the lock of a process that is gone counts for nothing. */
async function takeLock(lock: string): Promise<void> {
  const holder = Number(await readFile(lock, "utf8").catch(() => "0"));
  if (holder > 0 && isAlive(holder)) {
    throw new SandboxError("InvalidOptions", `${path.dirname(lock)} is in use by process ${holder}`);
  }
  await writeFile(lock, String(process.pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
