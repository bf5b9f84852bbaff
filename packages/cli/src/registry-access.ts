import { readFile } from "node:fs/promises";
import path from "node:path";
import type { ClientEvent, Keychain, RegistryClient } from "@package-operator/oci";
import type { Context } from "./context.ts";
import { CliError } from "./errors.ts";
import { fileProblem } from "./files.ts";
import {
  boolFlag,
  type Flag,
  type FlagValues,
  intFlag,
  listFlag,
  mapFlag,
  stringsFlag,
} from "./flags/flag.ts";

/** How registries are reached, the same for every command of ours that talks to one. */
export interface RegistryFlags extends Readonly<Record<string, Flag<unknown>>> {
  readonly "insecure-registry": Flag<readonly string[]>;
  readonly resolve: Flag<Readonly<Record<string, string>>>;
  readonly "ca-file": Flag<readonly string[]>;
  readonly concurrency: Flag<number>;
}

export const registryFlags: RegistryFlags = {
  "insecure-registry": stringsFlag(
    "host that may use plain HTTP and unverified certificates; may be repeated",
  ),
  resolve: mapFlag("HOST=URL: where a registry is reached instead of at its name; may be repeated"),
  "ca-file": listFlag("PEM file with certificates to trust; may be repeated"),
  concurrency: intFlag("requests at the same time per registry", { initial: 8 }),
};

export interface OpenRegistriesOptions {
  readonly onEvent?: (event: ClientEvent) => void;
  /** Default: the user's own credentials (Docker and Podman files, credential helpers). */
  readonly keychain?: Keychain;
}

/** Makes a registry client from the flags. The caller closes it. */
export async function openRegistries(
  context: Context,
  flags: FlagValues<RegistryFlags>,
  options: OpenRegistriesOptions = {},
): Promise<RegistryClient> {
  const { concurrency } = flags;
  if (concurrency < 1) throw new CliError("usage", `--concurrency must be at least 1, is ${concurrency}`);
  const { createRegistryClient, defaultKeychain } = await import("@package-operator/oci");
  return createRegistryClient({
    keychain: options.keychain ?? defaultKeychain({ env: context.env }),
    ca: await Promise.all(flags["ca-file"].map((file) => readCertificates(context, file))),
    insecureHosts: flags["insecure-registry"],
    resolve: flags.resolve,
    env: context.env,
    concurrency,
    onEvent: options.onEvent,
  });
}

async function readCertificates(context: Context, file: string): Promise<string> {
  try {
    return await readFile(path.resolve(context.cwd, file), "utf8");
  } catch (cause) {
    throw new CliError("input", fileProblem("open", file, cause), { cause });
  }
}

/** `--insecure` of upstream's commands, which means every registry they talk to. */
export const insecureFlag: Flag<boolean> = boolFlag(
  "allow plain HTTP and certificates that cannot be verified, for every registry",
);

async function openUserRegistries(context: Context, insecure: boolean): Promise<RegistryClient> {
  const { createRegistryClient, defaultKeychain } = await import("@package-operator/oci");
  return createRegistryClient({
    keychain: defaultKeychain({ env: context.env }),
    insecureHosts: insecure ? ["*"] : [],
    env: context.env,
    userAgent: "kubectl-package",
    retries: 2,
  });
}

/** Runs a step with the registry client of upstream's commands, and closes it. */
export async function withUserRegistries<T>(
  context: Context,
  insecure: boolean,
  step: (registries: RegistryClient) => Promise<T>,
): Promise<T> {
  const registries = await openUserRegistries(context, insecure);
  try {
    return await step(registries);
  } finally {
    await registries.close();
  }
}

/** The digest of what a reference names, for an index that of the index. Throws what the registry answers. */
export async function lookUpDigest(
  registries: RegistryClient,
  image: string,
  signal: AbortSignal,
): Promise<string> {
  const { repository, reference } = registries.image(image);
  const found = await repository.resolve(reference, { signal });
  // Asking again for the content gives the registry's own words for what is missing.
  return (found ?? (await repository.manifest(reference, { signal })).descriptor).digest;
}
