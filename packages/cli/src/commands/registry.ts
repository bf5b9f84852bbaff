import path from "node:path";
import type { RegistryServerAuth, RegistryStorage } from "@package-operator/oci";
import { type Command, type CommandGroup, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { readText } from "../files.ts";
import { boolFlag, stringFlag } from "../flags/flag.ts";

const serveCommand: Command = defineCommand({
  name: "serve",
  summary: "Serve an OCI registry until interrupted",
  description:
    "Serve an OCI registry (distribution specification 1.1) until interrupted: the first registry in a place that has none.\n" +
    "Without --storage everything is kept in memory.",
  examples: ["kubectl package registry serve --address 127.0.0.1:5000 --storage ./registry"],
  usage: "",
  args: 0,
  flags: {
    address: stringFlag("HOST:PORT to listen on; port 0 lets the system choose", {
      initial: "127.0.0.1:5000",
    }),
    storage: stringFlag("folder to keep the content in"),
    htpasswd: stringFlag("file with accounts (bcrypt); without it everybody may do everything"),
    "tls-cert": stringFlag("PEM file with the certificate chain"),
    "tls-key": stringFlag("PEM file with the private key"),
    "read-only": boolFlag("refuse all writes"),
  },
  usageExitCode: 2,
  run: async (context, { flags }) => {
    const { host, port } = parseAddress(flags.address);
    if ((flags["tls-cert"] === "") !== (flags["tls-key"] === "")) {
      throw new CliError("usage", "--tls-cert and --tls-key belong together");
    }
    const { createRegistryServer } = await import("@package-operator/oci");
    const storage = await openStorage(context, flags.storage);
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
    }
  },
});

export const registryCommand: CommandGroup = {
  kind: "group",
  name: "registry",
  summary: "Run an OCI registry",
  commands: [serveCommand],
};

function parseAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:]*)):([0-9]+)$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new CliError("usage", `--address ${JSON.stringify(address)} is not HOST:PORT`);
  }
  return { host: match[1] ?? match[2]!, port };
}

async function openStorage(context: Context, folder: string): Promise<RegistryStorage> {
  const { diskStorage, memoryStorage } = await import("@package-operator/oci");
  return folder === "" ? memoryStorage() : diskStorage(path.resolve(context.cwd, folder));
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
