// npm start [-- --keep] [-- --kubeconfig FILE] [-- --output json]
import { setMaxListeners } from "node:events";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { rootCertificates } from "node:tls";
import { parseArgs } from "node:util";
import { createKubeClient, loadKubeConfig } from "@package-operator/kube";
import { createRegistryClient } from "@package-operator/oci";
import { createNodeBase } from "@package-operator/release";
import { createSandbox } from "../sandbox.ts";
import { formatImageRows } from "./image-table.ts";
import { createNarrator } from "./narrator.ts";
import { kubeconfigPath, mirrorHost, playStory, sourceHost } from "./story.ts";

setMaxListeners(0);
const abort = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort(new Error("interrupted"));
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      keep: { type: "boolean", default: false },
      kubeconfig: { type: "string" },
      output: { type: "string", default: "text" },
    },
  });
  if (values.output !== "text" && values.output !== "json") {
    throw new Error(`--output must be text or json, is ${values.output}`);
  }
  const { signal } = abort;
  const root = process.cwd();
  const isJson = values.output === "json";
  const write = (text: string): void => void (isJson ? process.stderr : process.stdout).write(text);
  const narrator = createNarrator({ write, now: Date.now });
  write("The mirror story of Package Operator, on an embedded control plane. For trying and testing only.\n");
  const sandbox = await createSandbox({ registries: [sourceHost, mirrorHost], signal });
  try {
    const kubeconfig = path.resolve(values.kubeconfig ?? kubeconfigPath(root));
    await mkdir(path.dirname(kubeconfig), { recursive: true });
    await sandbox.writeKubeconfig(kubeconfig);
    const cluster = createKubeClient(await loadKubeConfig({ kubeconfig, env: {} }));
    const registries = createRegistryClient({ resolve: sandbox.resolve });
    try {
      const makeBase = (): ReturnType<typeof createNodeBase> =>
        createNodeBase({ node: process.execPath, rootCertificates });
      const result = await playStory({ root, narrator, sandbox, cluster, registries, makeBase, signal });
      if (isJson) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
      else write(`\nEvery image of the story, verified:\n\n${formatImageRows(result.images)}`);
    } finally {
      await cluster.close();
      await registries.close();
    }
    if (values.keep) {
      write(
        `\nEverything stays up until you press Ctrl-C. Look around with:\n  export KUBECONFIG=${kubeconfig}\n`,
      );
      await new Promise((resolve) => {
        signal.addEventListener("abort", resolve, { once: true });
      });
    }
  } finally {
    await sandbox.close();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`\nError: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = abort.signal.aborted ? 130 : 1;
}
