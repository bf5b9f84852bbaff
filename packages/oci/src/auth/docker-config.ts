import { OciError } from "../errors.ts";
import { parseCredentialJson, readEntries, readEntry, isRecord, type CredentialEntry } from "./entry.ts";
import { runCredentialHelper, type RunHelper } from "./credential-helper.ts";
import { canonicalRegistry, type Credentials, type Keychain } from "./keychain.ts";

/** A Docker configuration as far as it is about credentials; Podman's auth.json has the same form. */
export interface DockerConfig {
  readonly auths: readonly (readonly [string, CredentialEntry])[];
  /** Helper names by registry or repository. */
  readonly credHelpers: Readonly<Record<string, unknown>>;
  readonly credsStore: string | undefined;
}

/** The key under which Docker keeps the credentials of Docker Hub. */
const dockerHubKey = "https://index.docker.io/v1/";

/** Parses a Docker configuration; `file` names it in the `credentials` error. */
export function parseDockerConfig(text: string, file: string): DockerConfig {
  const json = parseCredentialJson(text, `parsing config file (${file})`);
  const auths = readEntries(json["auths"]);
  for (const [, entry] of auths) readEntry(entry, `parsing config file (${file})`);
  const store = json["credsStore"];
  return {
    auths,
    credHelpers: isRecord(json["credHelpers"]) ? json["credHelpers"] : {},
    credsStore: typeof store === "string" && store !== "" ? store : undefined,
  };
}

/**
 * Credentials by a Docker configuration: the helper of the repository or registry, else the general helper, else the
 * file's own entries, of which the one with the longest matching path counts.
 */
export function dockerConfigKeychain(config: DockerConfig, runHelper: RunHelper): Keychain {
  return {
    async credentials(registry, repository, options = {}) {
      const host = canonicalRegistry(registry);
      const hostKey = host === "index.docker.io" ? dockerHubKey : host;
      for (const key of [`${host}/${repository}`, hostKey, host]) {
        const helper = config.credHelpers[key];
        if (typeof helper === "string") return runCredentialHelper(helper, key, runHelper, options);
      }
      if (config.credsStore !== undefined) {
        return runCredentialHelper(config.credsStore, hostKey, runHelper, options);
      }
      return findEntry(config, host, repository);
    },
  };
}

function findEntry(config: DockerConfig, host: string, repository: string): Credentials | undefined {
  let best: { readonly key: string; readonly entry: CredentialEntry; readonly rank: number } | undefined;
  for (const [key, entry] of config.auths) {
    const { host: keyHost, path } = splitKey(key);
    const rank = rankOf(path, repository);
    if (keyHost === host && (best === undefined || rank > best.rank)) best = { key, entry, rank };
  }
  return best === undefined ? undefined : readEntry(best.entry, `credentials of "${best.key}"`);
}

/** Longer paths first; a key for another path still serves its host, after those that say nothing about paths. */
function rankOf(path: string, repository: string): number {
  if (path === "") return 0;
  return repository === path || repository.startsWith(`${path}/`) ? path.length : -1;
}

function splitKey(key: string): { readonly host: string; readonly path: string } {
  const withoutScheme = key.replace(/^https?:\/\//, "");
  const slash = withoutScheme.indexOf("/");
  if (slash < 0) return { host: canonicalRegistry(withoutScheme), path: "" };
  const path = withoutScheme.slice(slash + 1).replace(/^v[12](?:\/|$)/, "");
  return { host: canonicalRegistry(withoutScheme.slice(0, slash)), path: path.replace(/\/+$/, "") };
}

/** The error of a configuration that is there and cannot be read. */
export function unreadableConfig(file: string, cause: unknown): OciError {
  return new OciError("credentials", `reading ${file}: ${(cause as Error).message}`, { cause });
}
