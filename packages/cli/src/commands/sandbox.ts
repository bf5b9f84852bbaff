import path from "node:path";
import { type Command, defineCommand } from "../command.ts";
import { CliError } from "../errors.ts";
import { boolFlag, intFlag, mapFlag, stringFlag, stringsFlag } from "../flags/flag.ts";

export const sandboxCommand: Command = defineCommand({
  name: "sandbox",
  summary: "Run an embedded control plane and registries, to try a package without a cluster",
  description:
    "Run an embedded control plane and registries until interrupted: a Kubernetes API with controllers, and a node that runs\n" +
    "Pods as processes of this machine. For trying and testing only; nothing is isolated.",
  examples: [
    "kubectl package sandbox --registry quay.io --write-kubeconfig sandbox.kubeconfig",
    "KUBECONFIG=sandbox.kubeconfig kubectl get namespaces",
  ],
  usage: "",
  args: 0,
  flags: {
    port: intFlag("port of the API on 127.0.0.1; 0 lets the system choose"),
    data: stringFlag("folder that keeps objects and images; without it everything is in memory"),
    registry: stringsFlag("host name that gets a registry of its own; may be repeated"),
    resolve: mapFlag("HOST=URL: where the node finds another registry; may be repeated"),
    "write-kubeconfig": stringFlag("where the administrator's kubeconfig goes", {
      initial: "sandbox.kubeconfig",
    }),
    "allow-any-process": boolFlag("run the programs of all images, not only of those made for it"),
  },
  usageExitCode: 2,
  run: async (context, { flags }) => {
    if (flags.port < 0 || flags.port > 65_535) throw new CliError("usage", `--port ${flags.port} is no port`);
    const { createSandbox } = await import("@package-operator/sandbox");
    const sandbox = await createSandbox({
      port: flags.port,
      registries: flags.registry,
      resolve: flags.resolve,
      allowAnyProcess: flags["allow-any-process"],
      ...(flags.data === "" ? {} : { dataDir: path.resolve(context.cwd, flags.data) }),
      log: (level, message) => context.stderr.write(`${level}: ${message}\n`),
    }).catch((cause: unknown) => {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE") throw cause;
      throw new CliError("input", `cannot listen on 127.0.0.1:${flags.port}: the address is in use`, {
        cause,
      });
    });
    try {
      const kubeconfig = path.resolve(context.cwd, flags["write-kubeconfig"]);
      await sandbox.writeKubeconfig(kubeconfig);
      context.stdout.write(`listening on ${sandbox.url}\n`);
      for (const [host, url] of Object.entries(sandbox.resolve)) context.stdout.write(`${host} at ${url}\n`);
      context.stdout.write(`export KUBECONFIG=${kubeconfig}\n`);
      await new Promise<void>((resolve) => {
        if (context.signal.aborted) resolve();
        else context.signal.addEventListener("abort", () => resolve(), { once: true });
      });
      return 0;
    } finally {
      await sandbox.close();
    }
  },
});
