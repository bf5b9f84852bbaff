import { spawn } from "node:child_process";
import type { ClusterConfig, ExecPlugin } from "./cluster-config.ts";
import { KubeError } from "./errors.ts";

/** What an exec plugin issued. */
export interface ExecCredential {
  token?: string;
  certificate?: string;
  key?: string;
  /** Milliseconds since the epoch; absent: valid until refused. */
  expiresAt?: number;
}

interface ExecContext {
  config: ClusterConfig;
  caData: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  signal?: AbortSignal | undefined;
}

/** Runs a client-go credential plugin (`client.authentication.k8s.io`); throws `InvalidConfig` saying why it failed. */
export async function runExecPlugin(plugin: ExecPlugin, context: ExecContext): Promise<ExecCredential> {
  const interactive = plugin.interactiveMode === "Always" || plugin.interactiveMode === "IfAvailable";
  const child = spawn(plugin.command, plugin.args, {
    env: {
      ...context.env,
      ...plugin.env,
      KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(plugin, context, interactive)),
    },
    stdio: [interactive ? "inherit" : "ignore", "pipe", "inherit"],
    ...(context.signal && { signal: context.signal }),
  });
  const output: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (cause) => {
      const hint = plugin.installHint ? `\n${plugin.installHint}` : "";
      reject(
        new KubeError(
          "InvalidConfig",
          `credential plugin ${plugin.command} cannot run: ${cause.message}${hint}`,
          { cause },
        ),
      );
    });
    child.once("close", resolve);
  });
  if (exitCode !== 0) {
    throw new KubeError(
      "InvalidConfig",
      `credential plugin ${plugin.command} ended with exit code ${exitCode}`,
    );
  }
  return parseExecCredential(plugin, Buffer.concat(output).toString("utf8"));
}

function execInfo(plugin: ExecPlugin, { config, caData }: ExecContext, interactive: boolean): object {
  const cluster = {
    server: config.server,
    ...(config.tlsServerName && { "tls-server-name": config.tlsServerName }),
    ...(config.insecureSkipTlsVerify && { "insecure-skip-tls-verify": true }),
    ...(caData && { "certificate-authority-data": Buffer.from(caData).toString("base64") }),
    ...(config.proxyUrl && { "proxy-url": config.proxyUrl }),
  };
  return {
    apiVersion: plugin.apiVersion,
    kind: "ExecCredential",
    spec: { interactive, ...(plugin.provideClusterInfo && { cluster }) },
  };
}

/** Reads a plugin's answer; the API version must be the one that was asked for. */
function parseExecCredential(plugin: ExecPlugin, text: string): ExecCredential {
  const fail = (why: string) => new KubeError("InvalidConfig", `credential plugin ${plugin.command}: ${why}`);
  let answer: { apiVersion?: unknown; kind?: unknown; status?: Record<string, unknown> };
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    throw fail("its output is not JSON");
  }
  if (answer.kind !== "ExecCredential" || answer.apiVersion !== plugin.apiVersion) {
    throw fail(
      `its output is ${String(answer.apiVersion)} ${String(answer.kind)}, not ${plugin.apiVersion} ExecCredential`,
    );
  }
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = answer.status ?? {};
  if (typeof token !== "string" && typeof clientCertificateData !== "string") {
    throw fail("it issued neither a token nor a certificate");
  }
  const expiresAt = typeof expirationTimestamp === "string" ? Date.parse(expirationTimestamp) : undefined;
  if (Number.isNaN(expiresAt))
    throw fail(`expirationTimestamp "${String(expirationTimestamp)}" is not a time`);
  return {
    ...(typeof token === "string" && { token }),
    ...(typeof clientCertificateData === "string" && { certificate: clientCertificateData }),
    ...(typeof clientKeyData === "string" && { key: clientKeyData }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}
