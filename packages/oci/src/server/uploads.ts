import { isOciError } from "../errors.ts";
import type { RegistryStorage, StorageRepository, StorageUpload } from "../storage/registry-storage.ts";
import type { Exchange } from "./exchange.ts";
import { checkDigest } from "./route.ts";
import { ServerError } from "./server-error.ts";

/** Blob uploads of a server. */
export interface Uploads {
  /** POST: a mount, a whole blob, or a session. */
  start(
    exchange: Exchange,
    repository: string,
    place: StorageRepository,
    mayRead: (other: string) => boolean,
  ): Promise<void>;
  /** GET, PATCH, PUT and DELETE of a session. */
  handle(exchange: Exchange, repository: string, place: StorageRepository, id: string): Promise<void>;
}

/**
 * Knows which session is being written to. A client whose connection broke may come back before the server has noticed:
 * its new request cuts the old one and goes on from what that one has stored.
 */
export function createUploads(storage: RegistryStorage): Uploads {
  const writing = new Map<string, { readonly exchange: Exchange; readonly done: Promise<void> }>();

  const append = async (exchange: Exchange, upload: StorageUpload): Promise<void> => {
    const task = upload.append(exchange.content);
    const done = task.catch(() => {});
    writing.set(upload.id, { exchange, done });
    try {
      await task;
    } finally {
      if (writing.get(upload.id)?.exchange === exchange) writing.delete(upload.id);
    }
  };

  return {
    async start(exchange, repository, place, mayRead) {
      const { searchParams } = exchange.url;
      const mount = searchParams.get("mount");
      const from = searchParams.get("from");
      if (mount !== null) {
        // Without a name any repository will do that the client may read anyway.
        const others = from === null ? await storage.repositories() : [from];
        if (await mountFromAny(place, checkDigest(mount), others.filter(mayRead))) {
          exchange.answer(201, created(repository, mount));
          return;
        }
      }
      const digest = searchParams.get("digest");
      if (digest !== null) checkDigest(digest);
      const upload = await place.startUpload();
      if (digest === null) {
        exchange.answer(202, await progress(repository, upload));
        return;
      }
      await append(exchange, upload);
      await commit(upload, digest);
      exchange.answer(201, created(repository, digest));
    },
    async handle(exchange, repository, place, id) {
      const other = writing.get(id);
      if (other !== undefined) {
        other.exchange.cut();
        await other.done;
      }
      const upload = await place.findUpload(id);
      if (upload === undefined) {
        throw new ServerError("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", { detail: { id } });
      }
      const { method, url } = exchange;
      if (method === "GET" || method === "HEAD") {
        exchange.answer(204, await progress(repository, upload));
        return;
      }
      if (method === "DELETE") {
        await upload.cancel();
        exchange.answer(204);
        return;
      }
      const digest = method === "PUT" ? checkDigest(url.searchParams.get("digest") ?? "") : undefined;
      await checkRange(exchange, repository, upload);
      await append(exchange, upload);
      if (digest === undefined) {
        exchange.answer(202, await progress(repository, upload));
        return;
      }
      await commit(upload, digest);
      exchange.answer(201, created(repository, digest));
    },
  };
}

async function mountFromAny(
  place: StorageRepository,
  digest: string,
  others: readonly string[],
): Promise<boolean> {
  for (const other of others) if (await place.mountBlob(digest, other)) return true;
  return false;
}

async function commit(upload: StorageUpload, digest: string): Promise<void> {
  try {
    await upload.commit(digest);
  } catch (error) {
    if (!isOciError(error, "digest-mismatch")) throw error;
    throw new ServerError("DIGEST_INVALID", error.message, { detail: { digest } });
  }
}

/** Content has to begin where the session ends; `416` tells the client where that is. */
async function checkRange(exchange: Exchange, repository: string, upload: StorageUpload): Promise<void> {
  const header = exchange.header("content-range");
  if (header === undefined) return;
  const match = /^(?:bytes )?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(header);
  const length = exchange.header("content-length");
  const isConsistent =
    match !== null && (length === undefined || Number(match[2]) - Number(match[1]) + 1 === Number(length));
  if (!isConsistent) throw new ServerError("BLOB_UPLOAD_INVALID", `bad Content-Range "${header}"`);
  if (Number(match[1]) !== (await upload.size())) {
    const headers = await progress(repository, upload);
    throw new ServerError("RANGE_INVALID", "the content does not begin where the upload ends", { headers });
  }
}

async function progress(repository: string, upload: StorageUpload): Promise<Record<string, string>> {
  return {
    location: `/v2/${repository}/blobs/uploads/${upload.id}`,
    "docker-upload-uuid": upload.id,
    range: `0-${Math.max(0, (await upload.size()) - 1)}`,
  };
}

function created(repository: string, digest: string): Record<string, string> {
  return { location: `/v2/${repository}/blobs/${digest}`, "docker-content-digest": digest };
}
