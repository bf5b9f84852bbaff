import path from "node:path";
import type { RegistryServerAuth, RegistryStorage } from "@package-operator/oci";
import { type Command, type CommandGroup, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { durationFlag, parseDuration } from "../duration.ts";
import { CliError } from "../errors.ts";
import { readText } from "../files.ts";
import { boolFlag, stringFlag } from "../flags/flag.ts";
import { outputFlag, writeResult } from "../output.ts";

const serveCommand: Command = defineCommand({
  name: "serve",
  summary: "Serve an OCI registry until interrupted",
  description:
    "Serve an OCI registry (distribution specification 1.1) until interrupted: the first registry in a place that has none.\n" +
    "Without --storage everything is kept in memory. With --archive the images of a mirror archive are served, read-only,\n" +
    "under the names they came from and under those they are bound for.",
  examples: [
    "kubectl package registry serve --address 127.0.0.1:5000 --storage ./registry",
    "kubectl package registry serve --address 10.0.0.5:5000 --archive pko.tar",
  ],
  usage: "",
  args: 0,
  flags: {
    address: stringFlag("HOST:PORT to listen on; port 0 lets the system choose", {
      initial: "127.0.0.1:5000",
    }),
    storage: stringFlag("folder to keep the content in"),
    archive: stringFlag("mirror archive to serve, as mirror --to-archive writes it"),
    htpasswd: stringFlag("file with accounts (bcrypt); without it everybody may do everything"),
    "tls-cert": stringFlag("PEM file with the certificate chain"),
    "tls-key": stringFlag("PEM file with the private key"),
    "read-only": boolFlag("refuse all writes"),
  },
  exclusive: [["storage", "archive"]],
  usageExitCode: 2,
  run: async (context, { flags }) => {
    const { host, port } = parseAddress(flags.address);
    if ((flags["tls-cert"] === "") !== (flags["tls-key"] === "")) {
      throw new CliError("usage", "--tls-cert and --tls-key belong together");
    }
    const { createRegistryServer } = await import("@package-operator/oci");
    const opened = await openStorage(context, flags);
    const { storage } = opened;
    const server = createRegistryServer({
      storage: flags["read-only"] ? { ...storage, readOnly: true } : storage,
      auth: await readAuth(context, flags.htpasswd),
      tls: await readTls(context, flags),
      now: context.now,
      onRequest: ({ method, path: requested, status }) =>
        context.stderr.write(`${status} ${method} ${requested}\n`),
      onError: (error) =>
        context.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`),
    });
    try {
      const { url } = await server.listen({ host, port }).catch((cause: unknown) => {
        throw listenError(flags.address, cause);
      });
      context.stdout.write(`listening on ${url}\n`);
      await aborted(context.signal);
      return 0;
    } finally {
      await server.close();
      await opened.close();
    }
  },
});

const gcCommand: Command = defineCommand({
  name: "gc",
  summary: "Remove what nothing needs from a registry's folder",
  description:
    "Remove from a folder that 'registry serve --storage' keeps: blobs that no image of their repository uses, content that no\n" +
    "repository has any more, and uploads that nobody went on with. The registry may be serving meanwhile. Images stay until\n" +
    "they are deleted, also those without a tag, unless --delete-untagged is given: then everything goes that no tag leads to,\n" +
    "be it directly, as part of an index, or as a signature or other referrer of an image that stays. That is no good for a\n" +
    "registry from which images are run by digest.",
  examples: [
    "kubectl package registry gc --storage ./registry --dry-run",
    "kubectl package registry gc --storage ./registry --older-than 1h",
    "kubectl package registry gc --storage ./registry --delete-untagged",
  ],
  usage: "",
  args: 0,
  flags: {
    storage: stringFlag("folder of the registry"),
    "older-than": durationFlag("keep what was written or asked for within this time", "24h"),
    "delete-untagged": boolFlag("also remove images that no tag leads to"),
    "dry-run": boolFlag("only say what would be removed"),
    output: outputFlag,
  },
  usageExitCode: 2,
  run: async (context, { flags }) => {
    if (flags.storage === "") throw new CliError("usage", "--storage is required");
    const { collectGarbage } = await import("@package-operator/oci");
    const found = await collectGarbage(path.resolve(context.cwd, flags.storage), {
      graceMs: parseDuration(flags["older-than"]),
      untagged: flags["delete-untagged"],
      isDryRun: flags["dry-run"],
      now: context.now,
      signal: context.signal,
    });
    for (const manifest of found.damaged) {
      context.stderr.write(`Warning: ${manifest} is damaged; its repository was left alone\n`);
    }
    const verb = flags["dry-run"] ? "would remove" : "removed";
    const untagged = flags["delete-untagged"] ? `${found.manifests} images without tag, ` : "";
    const text =
      `${verb} ${found.files} files with ${found.bytes} bytes: ${untagged}` +
      `${found.blobs} blobs without image, ${found.uploads} stale uploads\n`;
    await writeResult(context, flags.output, { value: found, text });
    return 0;
  },
});

export const registryCommand: CommandGroup = {
  kind: "group",
  name: "registry",
  summary: "Run an OCI registry",
  commands: [serveCommand, gcCommand],
};

function parseAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:]*)):([0-9]+)$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new CliError("usage", `--address ${JSON.stringify(address)} is not HOST:PORT`);
  }
  return { host: match[1] ?? match[2]!, port };
}

/** Storage, and how to let go of it. */
interface OpenedStorage {
  readonly storage: RegistryStorage;
  close(): Promise<void>;
}

async function openStorage(
  { cwd }: Context,
  flags: { readonly storage: string; readonly archive: string },
): Promise<OpenedStorage> {
  const { diskStorage, layoutStorage, memoryStorage } = await import("@package-operator/oci");
  if (flags.archive !== "") {
    const { openServableArchive } = await import("@package-operator/mirror");
    const archive = await openServableArchive(path.resolve(cwd, flags.archive));
    return { storage: await layoutStorage(archive), close: () => archive.close() };
  }
  const storage = flags.storage === "" ? memoryStorage() : diskStorage(path.resolve(cwd, flags.storage));
  return { storage: await storage, close: () => Promise.resolve() };
}

async function readAuth(context: Context, file: string): Promise<RegistryServerAuth | undefined> {
  if (file === "") return undefined;
  const { htpasswdAccounts } = await import("@package-operator/oci");
  return { kind: "basic", accounts: htpasswdAccounts(await readText(context, file)) };
}

async function readTls(
  context: Context,
  flags: { readonly "tls-cert": string; readonly "tls-key": string },
): Promise<{ cert: string; key: string } | undefined> {
  if (flags["tls-cert"] === "") return undefined;
  return { cert: await readText(context, flags["tls-cert"]), key: await readText(context, flags["tls-key"]) };
}

function listenError(address: string, cause: unknown): CliError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    EADDRINUSE: "the address is in use",
    EACCES: "permission denied",
    EADDRNOTAVAIL: "this machine does not have the address",
  };
  const reason = (code === undefined ? undefined : reasons[code]) ?? message;
  return new CliError("input", `cannot listen on ${address}: ${reason}`, { cause });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
