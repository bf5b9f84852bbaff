import { isDigest } from "../digest.ts";
import { ServerError } from "./server-error.ts";

/** What a path below `/v2/` asks for. */
export type Route =
  | { readonly kind: "root" }
  | { readonly kind: "catalog" }
  | { readonly kind: "tags"; readonly repository: string }
  | { readonly kind: "manifest"; readonly repository: string; readonly reference: string }
  | { readonly kind: "blob"; readonly repository: string; readonly digest: string }
  | { readonly kind: "referrers"; readonly repository: string; readonly digest: string }
  | { readonly kind: "start-upload"; readonly repository: string }
  | { readonly kind: "upload"; readonly repository: string; readonly id: string };

const name = "([^?#]+?)";
const patterns: readonly (readonly [RegExp, (repository: string, last: string) => Route])[] = [
  [new RegExp(`^/v2/${name}/tags/list$`), (repository) => ({ kind: "tags", repository })],
  [
    new RegExp(`^/v2/${name}/manifests/([^/]+)$`),
    (repository, reference) => ({ kind: "manifest", repository, reference: checkReference(reference) }),
  ],
  [new RegExp(`^/v2/${name}/blobs/uploads/?$`), (repository) => ({ kind: "start-upload", repository })],
  [
    new RegExp(`^/v2/${name}/blobs/uploads/([^/]+)$`),
    (repository, id) => ({ kind: "upload", repository, id }),
  ],
  [
    new RegExp(`^/v2/${name}/blobs/([^/]+)$`),
    (repository, digest) => ({ kind: "blob", repository, digest: checkDigest(digest) }),
  ],
  [
    new RegExp(`^/v2/${name}/referrers/([^/]+)$`),
    (repository, digest) => ({ kind: "referrers", repository, digest: checkDigest(digest) }),
  ],
];

const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const namePattern = new RegExp(`^${component}(?:/${component})*$`);
const maxNameLength = 255;

/** Understands a path; undefined when it is none of a registry. Throws for names, tags and digests out of form. */
export function parseRoute(path: string): Route | undefined {
  if (path === "/v2/" || path === "/v2") return { kind: "root" };
  if (path === "/v2/_catalog") return { kind: "catalog" };
  for (const [pattern, make] of patterns) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const repository = decode(match[1]!);
    if (repository.length > maxNameLength || !namePattern.test(repository)) {
      throw new ServerError("NAME_INVALID", "invalid repository name", { detail: { name: repository } });
    }
    return make(repository, decode(match[2] ?? ""));
  }
  return undefined;
}

/** Throws `DIGEST_INVALID` unless a text is a digest. */
export function checkDigest(text: string): string {
  if (isDigest(text)) return text;
  throw new ServerError("DIGEST_INVALID", "invalid digest", { detail: { digest: text } });
}

function checkReference(text: string): string {
  return text.includes(":") ? checkDigest(text) : checkTag(text);
}

/** Throws `TAG_INVALID` unless a text is a tag. */
export function checkTag(text: string): string {
  if (/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(text)) return text;
  throw new ServerError("TAG_INVALID", "invalid tag", { detail: { tag: text } });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
