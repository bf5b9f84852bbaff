import { createDigester, isDigest } from "../digest.ts";
import { isOciError } from "../errors.ts";
import {
  manifestType,
  parseManifest,
  parseObject,
  type Manifest,
  type ManifestContent,
} from "../manifest.ts";
import { isForeignLayerType, mediaTypes } from "../media-types.ts";
import type { StorageRepository } from "../storage/registry-storage.ts";
import { readContent, type Exchange } from "./exchange.ts";
import { checkTag } from "./route.ts";
import { ServerError } from "./server-error.ts";

/** The limit that the specification asks registries for at least. */
const maxManifestBytes = 4 * 1024 * 1024;

/** GET, HEAD, PUT and DELETE of a manifest. */
export async function handleManifest(
  exchange: Exchange,
  repository: string,
  place: StorageRepository,
  reference: string,
): Promise<void> {
  if (exchange.method === "PUT") {
    await putManifest(exchange, repository, place, reference);
    return;
  }
  if (exchange.method === "DELETE") {
    if (!(await place.deleteManifest(reference))) throw unknownManifest(repository, reference);
    exchange.answer(202);
    return;
  }
  const content = await place.claimManifest(reference);
  if (content === undefined) throw unknownManifest(repository, reference);
  const { digest, mediaType, size } = content.descriptor;
  const headers = {
    "content-type": mediaType,
    "content-length": `${size}`,
    "docker-content-digest": digest,
    etag: `"${digest}"`,
  };
  exchange.answer(200, headers, content.bytes);
}

async function putManifest(
  exchange: Exchange,
  repository: string,
  place: StorageRepository,
  reference: string,
): Promise<void> {
  const tags = isDigest(reference) ? exchange.url.searchParams.getAll("tag").map(checkTag) : [reference];
  const bytes = await readContent(exchange, maxManifestBytes);
  const digester = createDigester(isDigest(reference) ? reference : undefined);
  digester.update(bytes);
  const digest = digester.digest();
  if (isDigest(reference) && digest !== reference) {
    throw new ServerError("DIGEST_INVALID", "provided digest did not match uploaded content", {
      detail: { digest: reference, computed: digest },
    });
  }
  const announced = (exchange.header("content-type") ?? "").split(";")[0]!.trim();
  const { content, manifest } = understand(bytes, digest, announced);
  await checkParts(place, manifest);
  await place.writeManifest(content, tags);
  exchange.answer(201, {
    location: `/v2/${repository}/manifests/${digest}`,
    "docker-content-digest": digest,
    // Tags given as parameters are acknowledged, since a registry may ignore them (distribution-spec after 1.1).
    ...(isDigest(reference) && tags.length > 0 ? { "oci-tag": tags } : {}),
    ...(manifest.subject === undefined ? {} : { "oci-subject": manifest.subject.digest }),
  });
}

function understand(
  bytes: Uint8Array,
  digest: string,
  announced: string,
): { readonly content: ManifestContent; readonly manifest: Manifest } {
  try {
    const json = parseObject(bytes, "manifest");
    const mediaType = manifestType(json, announced);
    const inside = json["mediaType"];
    if (typeof inside === "string" && inside !== mediaType) {
      throw new ServerError("MANIFEST_INVALID", `sent as ${mediaType}, but says to be ${inside}`);
    }
    const content = { descriptor: { mediaType, digest, size: bytes.length }, bytes };
    return { content, manifest: parseManifest(content) };
  } catch (error) {
    if (!isOciError(error)) throw error;
    throw new ServerError("MANIFEST_INVALID", error.message);
  }
}

/** A manifest is complete from the moment that it can be read. */
async function checkParts(place: StorageRepository, manifest: Manifest): Promise<void> {
  const missing: string[] = [];
  if (manifest.kind === "index") {
    for (const { digest } of manifest.manifests) {
      if ((await place.claimManifest(digest)) === undefined) missing.push(digest);
    }
  } else {
    for (const { digest, mediaType, urls } of [manifest.config, ...manifest.layers]) {
      if (isForeignLayerType(mediaType) || (urls ?? []).length > 0) continue;
      if ((await place.claimBlob(digest)) === undefined) missing.push(digest);
    }
  }
  if (missing.length === 0) return;
  throw new ServerError("MANIFEST_BLOB_UNKNOWN", "manifest references unknown content", {
    detail: { digests: missing },
  });
}

/** The referrers list of a digest; unknown repositories and digests have an empty one. */
export async function handleReferrers(
  exchange: Exchange,
  place: StorageRepository,
  digest: string,
): Promise<void> {
  const all = await place.referrers(digest);
  const wanted = exchange.url.searchParams.get("artifactType");
  const manifests = wanted === null ? all : all.filter((item) => item.artifactType === wanted);
  exchange.json(
    200,
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests },
    {
      "content-type": mediaTypes.ociIndex,
      ...(wanted === null ? {} : { "oci-filters-applied": "artifactType" }),
    },
  );
}

function unknownManifest(repository: string, reference: string): ServerError {
  const key = isDigest(reference) ? "digest" : "tag";
  return new ServerError("MANIFEST_UNKNOWN", "manifest unknown", {
    detail: { name: repository, [key]: reference },
  });
}
