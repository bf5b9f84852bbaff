import { pullScope, pushScope } from "../auth/scope.ts";
import { mustVerify, type ContentOptions, type ContentTarget } from "../content.ts";
import { digestOf, isDigest, verifyBytes, verifyStream, type Digest } from "../digest.ts";
import { isOciError, OciError } from "../errors.ts";
import {
  manifestType,
  parseManifest,
  parseObject,
  type Descriptor,
  type ManifestContent,
} from "../manifest.ts";
import { manifestAccept } from "../media-types.ts";
import { downloadBlob } from "./download.ts";
import { listPages } from "./list-pages.ts";
import { listReferrers, noteReferrer } from "./referrers.ts";
import type { RegistrySession, SessionRequest } from "./registry-session.ts";
import type { TransportAnswer } from "./transport.ts";
import { uploadBlob } from "./upload.ts";

/** What a repository takes over from its client. */
export interface RepositoryOptions {
  readonly chunkSize: number | undefined;
}

/** One repository at a registry. */
export function createRepository(
  session: RegistrySession,
  repository: string,
  options: RepositoryOptions,
): ContentTarget {
  const name = `${session.registry}/${repository}`;
  const base = `/v2/${repository}`;
  const common = { repository, scopes: [pullScope(repository)], kind: "read" } as const;

  const label = (reference: string): string => `${name}${isDigest(reference) ? "@" : ":"}${reference}`;

  const getManifest = async (reference: string, settings: ContentOptions): Promise<ManifestContent> => {
    const answer = await session.exchange({
      ...common,
      method: "GET",
      target: `${base}/manifests/${reference}`,
      headers: { accept: manifestAccept },
      expect: [200],
      reference: label(reference),
      signal: settings.signal,
    });
    return readManifest(answer, answer.bytes, reference, name);
  };

  const target: ContentTarget = {
    name,
    store: session.registry,
    repository,
    manifest: (reference, settings = {}) => getManifest(reference, settings),
    async resolve(reference, settings = {}) {
      try {
        const answer = await session.exchange({
          ...common,
          method: "HEAD",
          target: `${base}/manifests/${reference}`,
          headers: { accept: manifestAccept },
          expect: [200],
          reference: label(reference),
          signal: settings.signal,
        });
        return headDescriptor(answer, reference) ?? (await getManifest(reference, settings)).descriptor;
      } catch (error) {
        if (isOciError(error, "not-found")) return undefined;
        // Some registries and caches know no HEAD.
        if (isOciError(error, "rejected", "unsupported"))
          return (await getManifest(reference, settings)).descriptor;
        throw error;
      }
    },
    async hasBlob(descriptor, settings = {}) {
      // A redirect says that there is something to be redirected to; following it could meet a URL signed for GET only.
      const request: SessionRequest = {
        ...common,
        method: "HEAD",
        target: `${base}/blobs/${descriptor.digest}`,
        expect: [200, 307, 302, 303, 301, 308, 404],
        reference: descriptor.digest,
        signal: settings.signal,
      };
      const answer = await session.exchange(request);
      const length = answer.status === 200 ? Number(answer.headers["content-length"] ?? descriptor.size) : 0;
      return answer.status !== 404 && (answer.status !== 200 || length === descriptor.size);
    },
    blob(descriptor, settings = {}) {
      const content = downloadBlob(session, repository, descriptor, settings);
      if (!mustVerify(settings)) return content;
      return verifyStream(content, descriptor, `${name}: blob ${descriptor.digest}`);
    },
    tags: (settings = {}) => listTags(session, repository, settings),
    referrers: (digest, settings = {}) => listReferrers(target, session, digest, settings),
    writeBlob: (descriptor, open, settings = {}) =>
      uploadBlob({ session, repository, descriptor, open, chunkSize: options.chunkSize, options: settings }),
    async writeManifest(reference, content, settings = {}) {
      const { descriptor, bytes } = content;
      verifyBytes(bytes, descriptor, `${name}: manifest ${descriptor.digest}`);
      const answer = await session.exchange({
        method: "PUT",
        target: `${base}/manifests/${reference}`,
        repository,
        scopes: [pushScope(repository)],
        headers: { "content-type": descriptor.mediaType, "content-length": `${bytes.length}` },
        body: () => bytes,
        expect: [201],
        kind: "write",
        reference: label(reference),
        signal: settings.signal,
      });
      const stored = answer.headers["docker-content-digest"];
      if (typeof stored === "string" && stored !== descriptor.digest) {
        throw new OciError(
          "digest-mismatch",
          `${name}: manifest ${descriptor.digest} was stored as ${stored}`,
        );
      }
      const { subject } = parseManifest(content);
      const isNoted = subject === undefined || answer.headers["oci-subject"] === subject.digest;
      if (!isNoted) await noteReferrer(target, subject.digest, content, settings);
    },
    async deleteManifest(reference, settings = {}) {
      await session.exchange({
        method: "DELETE",
        target: `${base}/manifests/${reference}`,
        repository,
        scopes: [pushScope(repository)],
        expect: [202, 200, 204],
        kind: "write",
        reference: label(reference),
        signal: settings.signal,
      });
    },
  };
  return target;
}

function headDescriptor(answer: TransportAnswer, reference: string): Descriptor | undefined {
  const header = answer.headers["docker-content-digest"];
  const digest = typeof header === "string" ? header : reference;
  const size = Number(answer.headers["content-length"] ?? Number.NaN);
  const type = answer.headers["content-type"];
  if (!isDigest(digest) || !Number.isInteger(size) || size <= 0 || typeof type !== "string") return undefined;
  if (isDigest(reference) && digest !== reference) return undefined;
  return { mediaType: type.split(";")[0]!.trim(), digest, size };
}

/** A manifest asked for by digest is checked against it; one asked for by tag against what the registry says. */
function readManifest(
  answer: TransportAnswer,
  bytes: Uint8Array,
  reference: string,
  name: string,
): ManifestContent {
  const header = answer.headers["docker-content-digest"];
  const announced = typeof header === "string" && isDigest(header) ? header : digestOf(bytes);
  const digest: Digest = isDigest(reference) ? reference : announced;
  verifyBytes(bytes, { digest, size: bytes.length }, `${name}: manifest ${reference}`);
  const type = String(answer.headers["content-type"] ?? "")
    .split(";")[0]!
    .trim();
  const mediaType = manifestType(parseObject(bytes, `${name}: manifest ${reference}`), type);
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
}

async function listTags(
  session: RegistrySession,
  repository: string,
  options: ContentOptions,
): Promise<readonly string[]> {
  const tags = new Set<string>();
  try {
    for await (const page of listPages(session, repository, `/v2/${repository}/tags/list?n=1000`, options)) {
      const list = page["tags"];
      for (const tag of Array.isArray(list) ? (list as unknown[]) : [])
        if (typeof tag === "string") tags.add(tag);
    }
  } catch (error) {
    if (!isOciError(error, "not-found")) throw error;
  }
  return [...tags].toSorted();
}
