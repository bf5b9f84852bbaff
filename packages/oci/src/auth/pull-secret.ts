import { OciError } from "../errors.ts";
import { parseCredentialJson, readEntries, readEntry, type CredentialEntry } from "./entry.ts";
import { canonicalRegistry, type Keychain } from "./keychain.ts";

/** The parts of a Kubernetes Secret that matter here. */
export interface PullSecret {
  readonly type?: unknown;
  readonly data?: unknown;
  readonly metadata?: unknown;
}

interface Rule {
  /** The key without scheme and API version, e.g. `*.example.com/team`. */
  readonly key: string;
  readonly entry: CredentialEntry;
}

/**
 * The credentials of Kubernetes pull secrets, found as the kubelet finds them: host labels match as globs, ports must be
 * equal, the path is a prefix of the repository; of several matching keys the longest wins, of equal keys the one of the
 * first secret. Secrets of other types are ignored. Throws `credentials` for a secret that cannot be read.
 */
export function pullSecretKeychain(secrets: readonly PullSecret[]): Keychain {
  const rules = new Map<string, Rule>();
  for (const secret of secrets) {
    for (const [key, entry] of entriesOf(secret)) {
      const normal = normalKey(key);
      if (!rules.has(normal)) rules.set(normal, { key: normal, entry });
    }
  }
  // Reverse byte order puts a longer key before its own prefix.
  const sorted = [...rules.values()].toSorted((a, b) =>
    Buffer.compare(Buffer.from(b.key), Buffer.from(a.key)),
  );
  return {
    credentials: (registry, repository) => {
      const rule = sorted.find(({ key }) => matches(key, canonicalRegistry(registry), repository));
      const found = rule === undefined ? undefined : readEntry(rule.entry, `pull secret entry "${rule.key}"`);
      return Promise.resolve(found);
    },
  };
}

function entriesOf(secret: PullSecret): readonly (readonly [string, CredentialEntry])[] {
  const isNew = secret.type === "kubernetes.io/dockerconfigjson";
  if (!isNew && secret.type !== "kubernetes.io/dockercfg") return [];
  const key = isNew ? ".dockerconfigjson" : ".dockercfg";
  const { name } = (secret.metadata ?? {}) as { name?: unknown };
  const what = `pull secret ${typeof name === "string" ? `"${name}" ` : ""}key ${key}`;
  const encoded = (secret.data as Readonly<Record<string, unknown>> | undefined)?.[key];
  if (typeof encoded !== "string") throw new OciError("credentials", `${what}: missing`);
  const json = parseCredentialJson(Buffer.from(encoded, "base64").toString("utf8"), what);
  const entries = readEntries(isNew ? json["auths"] : json);
  // An entry that cannot be decoded makes the whole secret unusable, before anything is asked with it.
  for (const [host, entry] of entries) readEntry(entry, `${what}, entry "${host}"`);
  return entries;
}

/** Host and path of a key; Docker Hub under one name. */
function normalKey(key: string): string {
  const withoutScheme = key.replace(/^https?:\/\//, "");
  const slash = withoutScheme.indexOf("/");
  const host = slash < 0 ? withoutScheme : withoutScheme.slice(0, slash);
  const path = (slash < 0 ? "" : withoutScheme.slice(slash)).replace(/^\/v[12](?=\/)/, "");
  return `${canonicalRegistry(host)}${path === "/" ? "" : path}`;
}

function matches(key: string, registry: string, repository: string): boolean {
  const slash = key.indexOf("/");
  const [host, port] = splitPort(slash < 0 ? key : key.slice(0, slash));
  const [targetHost, targetPort] = splitPort(registry);
  const labels = host.split(".");
  const targetLabels = targetHost.split(".");
  if (port !== targetPort || labels.length !== targetLabels.length) return false;
  const path = slash < 0 ? "" : key.slice(slash);
  return (
    labels.every((label, index) => globMatches(label, targetLabels[index]!)) &&
    `/${repository}`.startsWith(path)
  );
}

function splitPort(host: string): readonly [string, string] {
  const colon = host.lastIndexOf(":");
  return colon < 0 ? [host, ""] : [host.slice(0, colon), host.slice(colon + 1)];
}

/** A glob of one host label: `*`, `?` and `[...]`, as Go's filepath.Match has them. */
function globMatches(glob: string, label: string): boolean {
  const pattern = glob.replace(/\[[^\]]*\]|[*?]|[^[*?]/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    return part.startsWith("[") && part.length > 1
      ? part.replace(/^\[\^/, "[^")
      : part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  });
  try {
    return new RegExp(`^${pattern}$`).test(label);
  } catch {
    // A malformed set of characters matches nothing.
    return false;
  }
}
