import path from "node:path";
import { readIfThere, sizeIfThere } from "../files.ts";
import { spawnHelper, type RunHelper } from "./credential-helper.ts";
import { dockerConfigKeychain, parseDockerConfig, unreadableConfig } from "./docker-config.ts";
import type { Keychain } from "./keychain.ts";

/** Options of {@link defaultKeychain}. */
export interface DefaultKeychainOptions {
  /** `HOME`, `DOCKER_CONFIG`, `REGISTRY_AUTH_FILE`, `XDG_RUNTIME_DIR`, `XDG_CONFIG_HOME` and `PATH` are read from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: child processes. */
  readonly runHelper?: RunHelper;
}

/**
 * The user's own credentials: Docker's configuration if there is one, else Podman's auth files, else none. Files are read
 * when credentials are first asked for, and then kept.
 */
export function defaultKeychain(options: DefaultKeychainOptions): Keychain {
  const runHelper = options.runHelper ?? spawnHelper(options.env);
  let opened: Promise<Keychain | undefined> | undefined;
  return {
    async credentials(registry, repository, settings) {
      opened ??= openKeychain(options.env, runHelper);
      return (await opened)?.credentials(registry, repository, settings);
    },
  };
}

async function openKeychain(
  env: DefaultKeychainOptions["env"],
  runHelper: RunHelper,
): Promise<Keychain | undefined> {
  const file = await findCredentialFile(env);
  if (file === undefined) return undefined;
  let text: Buffer | undefined;
  try {
    text = await readIfThere(file);
  } catch (error) {
    throw unreadableConfig(file, error);
  }
  return text === undefined
    ? undefined
    : dockerConfigKeychain(parseDockerConfig(text.toString("utf8"), file), runHelper);
}

/**
 * Which file holds the credentials, as go-containerregistry looks for it: with `DOCKER_CONFIG` its file is meant even when
 * only the one in the home folder exists.
 */
async function findCredentialFile(env: DefaultKeychainOptions["env"]): Promise<string | undefined> {
  const isFile = async (file: string): Promise<boolean> => (await sizeIfThere(file)) !== undefined;
  const home = env["HOME"] ?? "";
  const inHome = path.join(home, ".docker", "config.json");
  const dockerDir = env["DOCKER_CONFIG"] ?? "";
  const inDockerDir = dockerDir === "" ? inHome : path.join(dockerDir, "config.json");
  if ((home !== "" && (await isFile(inHome))) || (dockerDir !== "" && (await isFile(inDockerDir))))
    return inDockerDir;
  const configHome = env["XDG_CONFIG_HOME"] || (home === "" ? "" : path.join(home, ".config"));
  const candidates = [
    env["REGISTRY_AUTH_FILE"],
    env["XDG_RUNTIME_DIR"] && path.join(env["XDG_RUNTIME_DIR"], "containers", "auth.json"),
    configHome && path.join(configHome, "containers", "auth.json"),
  ];
  for (const file of candidates) if (file && (await isFile(file))) return file;
  return undefined;
}
