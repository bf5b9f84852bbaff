import { randomUUID } from "node:crypto";
import { mkdir, open, rm } from "node:fs/promises";
import path from "node:path";
import { createDigester, type Digest, type Digester } from "../digest.ts";
import { OciError } from "../errors.ts";
import { readFileRange, sizeIfThere, writeAll } from "../files.ts";
import type { StorageUpload } from "./registry-storage.ts";

/** Takes over the file of a finished upload, which is flushed and verified. */
type AdoptUpload = (file: string, digest: Digest) => Promise<void>;

/** Hashes of uploads whose content passed through this process, by file, so that it need not be read again to be verified. */
export type UploadDigesters = Map<string, Digester>;

/** What uploads of one storage share. */
export interface DiskUploadContext {
  readonly folder: string;
  readonly digesters: UploadDigesters;
  readonly adopt: AdoptUpload;
}

/** Begins an upload in a file of its own. */
export async function startDiskUpload(context: DiskUploadContext): Promise<StorageUpload> {
  const id = randomUUID();
  await mkdir(context.folder, { recursive: true });
  const handle = await open(path.join(context.folder, id), "wx");
  await handle.close();
  return createDiskUpload(context, id);
}

/** The upload with this id, also when an earlier process began it. */
export async function findDiskUpload(
  context: DiskUploadContext,
  id: string,
): Promise<StorageUpload | undefined> {
  if (!/^[0-9a-f-]{36}$/.test(id)) return undefined;
  const size = await sizeIfThere(path.join(context.folder, id));
  return size === undefined ? undefined : createDiskUpload(context, id);
}

function createDiskUpload(context: DiskUploadContext, id: string): StorageUpload {
  const { digesters, adopt } = context;
  const file = path.join(context.folder, id);
  const drop = async (): Promise<void> => {
    digesters.delete(file);
    await rm(file, { force: true });
  };
  return {
    id,
    size: async () => (await sizeIfThere(file)) ?? 0,
    async append(content) {
      const handle = await open(file, "a");
      try {
        const { size } = await handle.stat();
        let digester = digesters.get(file) ?? createDigester();
        if (digester.size !== size) digester = await hashFile(file, undefined);
        digesters.set(file, digester);
        for await (const chunk of content) {
          await writeAll(handle, chunk);
          digester.update(chunk);
        }
        // What the client was told to be stored must not be lost in a crash.
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    async commit(digest) {
      const size = await sizeIfThere(file);
      const kept = digest.startsWith("sha256:") ? digesters.get(file) : undefined;
      const digester = kept?.size === size ? kept! : await hashFile(file, digest);
      const found = digester.digest();
      if (found === digest) await adopt(file, digest);
      await drop();
      if (found !== digest) {
        throw new OciError("digest-mismatch", `content has digest ${found}, not ${digest}`, {
          reference: digest,
        });
      }
    },
    cancel: drop,
  };
}

async function hashFile(file: string, expected: Digest | undefined): Promise<Digester> {
  const digester = createDigester(expected);
  for await (const chunk of readFileRange(file)) digester.update(chunk);
  return digester;
}
