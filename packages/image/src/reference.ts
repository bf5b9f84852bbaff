import { attempt, ImageError } from "./errors.ts";
import { dockerHub, parseRegistry } from "./registry.ts";

/** A parsed image reference: names in canonical form, plus the text it was parsed from. */
export interface ImageReference {
  /** Which of the two addresses the manifest; a digest beats a tag. */
  readonly kind: "tag" | "digest";
  /** Authority, for example `quay.io` or `localhost:5000`; `docker.io` reads `index.docker.io`. */
  readonly registry: string;
  /** Path below the registry; official Docker Hub images carry `library/`. */
  readonly repository: string;
  /** The tag or the digest, as `kind` says; `latest` where the text has neither. */
  readonly identifier: string;
  /** The tag that was written before a digest, for tools that show or copy it too. */
  readonly tag?: string;
  /** The text as it was given. */
  readonly text: string;
}

/** How `parseReference` reads a text. */
export interface ParseReferenceOptions {
  /** Refuse what needs a default (registry, `library/`, tag); a digest makes up for a missing tag. */
  readonly strict?: boolean;
}

/**
 * Parses an image reference exactly as go-containerregistry's `name.ParseReference` does, weakly unless `strict`.
 * @throws {ImageError} `invalid-reference`, whose message names the whole text.
 */
export function parseReference(text: string, options: ParseReferenceOptions = {}): ImageReference {
  const strict = options.strict ?? false;
  const reference = text.includes("@") ? parseDigested(text, strict) : parseTagged(text, strict);
  if (reference === undefined) {
    throw new ImageError("invalid-reference", `could not parse reference: ${text}`, text);
  }
  return reference;
}

/** Writes `<registry>/<repository>:<tag>` or `<registry>/<repository>@<digest>`. */
export function formatReference(
  reference: Pick<ImageReference, "kind" | "registry" | "repository" | "identifier">,
): string {
  const delimiter = reference.kind === "digest" ? "@" : ":";
  return `${formatRepository(reference)}${delimiter}${reference.identifier}`;
}

/** Writes `<registry>/<repository>`. */
export function formatRepository(reference: Pick<ImageReference, "registry" | "repository">): string {
  return `${reference.registry}/${reference.repository}`;
}

/**
 * The reference's repository at this digest; its own tag and digest are dropped. The digest is not checked, as lock
 * files from the field carry whatever the registry answered.
 * @throws {ImageError} `invalid-reference`.
 */
export function withDigest(reference: string, digest: string): string {
  try {
    return `${formatRepository(parseReference(reference))}@${digest}`;
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new ImageError(error.code, `parse image reference: ${error.message}`, reference, {
      cause: error,
    });
  }
}

/**
 * The reference of an image below a place: `quay.io/org`, `app` and `v1` give `quay.io/org/app:v1`.
 * @throws {ImageError} `invalid-reference` when that is none.
 */
export function referenceBelow(place: string, name: string, tag: string): string {
  const text = `${place.replace(/\/$/, "")}/${name}:${tag}`;
  const { kind, identifier, repository } = parseReference(text);
  const complete = !repository.split("/").includes("");
  if (complete && kind === "tag" && identifier === tag) return text;
  throw new ImageError("invalid-reference", `could not parse reference: ${text}`, text);
}

/** Whether the text is a SHA-256 digest, the only kind that image references may carry. */
export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

interface Repository {
  readonly registry: string;
  readonly repository: string;
}

function parseDigested(text: string, strict: boolean): ImageReference | undefined {
  const [base = "", identifier = "", ...rest] = text.split("@");
  if (rest.length > 0 || !isDigest(identifier)) return undefined;
  const tagged = parseTagged(base, strict);
  // The canonical name is checked once more, as in Go: `library/` may have made it too long.
  const repository = parseRepository(tagged === undefined ? base : formatRepository(tagged), strict);
  if (repository === undefined) return undefined;
  return {
    kind: "digest",
    registry: repository.registry,
    repository: repository.repository,
    identifier,
    ...(tagged !== undefined && splitTag(base).tag !== undefined && { tag: tagged.identifier }),
    text,
  };
}

function parseTagged(text: string, strict: boolean): ImageReference | undefined {
  const { base, tag } = splitTag(text);
  if (tag === undefined ? strict : !/^[\w.-]{1,128}$/.test(tag)) return undefined;
  const repository = parseRepository(base, strict);
  if (repository === undefined) return undefined;
  return { kind: "tag", ...repository, identifier: tag ?? "latest", text };
}

/** A colon followed by a slash further on belongs to a port, not to a tag. */
function splitTag(text: string): { base: string; tag?: string } {
  const colon = text.lastIndexOf(":");
  if (colon < 0 || text.includes("/", colon)) return { base: text };
  return { base: text.slice(0, colon), tag: text.slice(colon + 1) };
}

function parseRepository(text: string, strict: boolean): Repository | undefined {
  const { host, path } = splitHost(text);
  if (!/^[a-z0-9_./-]{2,255}$/.test(path)) return undefined;
  const registry = attempt(() => parseRegistry(host));
  if (registry === undefined || (strict && host === "")) return undefined;
  const official = registry === dockerHub && !path.includes("/");
  if (official && strict) return undefined;
  return { registry, repository: official ? `library/${path}` : path };
}

/** A first segment counts as a registry only if it looks like a host: with a dot, a port, or `localhost`. */
function splitHost(text: string): { host: string; path: string } {
  const slash = text.indexOf("/");
  const first = text.slice(0, Math.max(slash, 0));
  const isHost = first === "localhost" || /[.:]/.test(first);
  return isHost ? { host: first, path: text.slice(slash + 1) } : { host: "", path: text };
}
