import type { ByteRange, StorageRepository } from "../storage/registry-storage.ts";
import type { Exchange } from "./exchange.ts";
import { ServerError } from "./server-error.ts";

/** GET, HEAD and DELETE of a blob. */
export async function handleBlob(
  exchange: Exchange,
  place: StorageRepository,
  digest: string,
): Promise<void> {
  if (exchange.method === "DELETE") {
    if (!(await place.deleteBlob(digest))) throw unknownBlob(digest);
    exchange.answer(202);
    return;
  }
  // Who asks whether a blob is there will not send it, so it has to stay.
  const size = await (exchange.method === "HEAD" ? place.claimBlob(digest) : place.blobSize(digest));
  if (size === undefined) throw unknownBlob(digest);
  const headers = {
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    etag: `"${digest}"`,
  };
  const range = parseRange(exchange.header("range"), size);
  if (range === undefined) {
    const all = { ...headers, "content-length": `${size}` };
    await exchange.stream(200, all, place.readBlob(digest));
    return;
  }
  const partial = {
    ...headers,
    "content-length": `${range.end - range.start + 1}`,
    "content-range": `bytes ${range.start}-${range.end}/${size}`,
  };
  await exchange.stream(206, partial, place.readBlob(digest, range));
}

function unknownBlob(digest: string): ServerError {
  return new ServerError("BLOB_UNKNOWN", "blob unknown to registry", { detail: { digest } });
}

/** One range of bytes (RFC 9110 section 14.1.2); several at once are answered with everything, as the RFC allows. */
function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const isSuffix = match[1] === "";
  const start = isSuffix ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = isSuffix || match[2] === "" ? size - 1 : Math.min(size - 1, Number(match[2]));
  if (start <= end) return { start, end };
  const headers = { "content-range": `bytes */${size}` };
  throw new ServerError("RANGE_INVALID", "range not satisfiable", { headers });
}
