import { describe, expect, test } from "vitest";
import type { ClusterConfig, ExecPlugin } from "./cluster-config.ts";
import { runExecPlugin } from "./exec-plugin.ts";

const config: ClusterConfig = {
  server: "https://api",
  insecureSkipTlsVerify: false,
  tlsServerName: "kubernetes",
  auth: {},
  namespace: "default",
  source: "test",
};

/** A plugin that is this Node running `script`. */
function plugin(script: string, extra: Partial<ExecPlugin> = {}): ExecPlugin {
  return {
    apiVersion: "client.authentication.k8s.io/v1",
    command: process.execPath,
    args: ["-e", script],
    env: {},
    provideClusterInfo: false,
    ...extra,
  };
}

function run(exec: ExecPlugin): ReturnType<typeof runExecPlugin> {
  return runExecPlugin(exec, { config, caData: "CA", env: {} });
}

const answer = (status: string, version = "v1") =>
  `console.log(JSON.stringify({apiVersion: "client.authentication.k8s.io/${version}", kind: "ExecCredential", status: ${status}}))`;

describe("runExecPlugin", () => {
  test("gives its environment and cluster information, and takes the token with its end", async () => {
    const script = answer(
      `{token: [process.env.REGION, JSON.parse(process.env.KUBERNETES_EXEC_INFO).spec.cluster["tls-server-name"],
        Buffer.from(JSON.parse(process.env.KUBERNETES_EXEC_INFO).spec.cluster["certificate-authority-data"], "base64").toString()].join(" "),
        expirationTimestamp: "2030-01-01T00:00:00Z"}`,
    );
    expect(await run(plugin(script, { env: { REGION: "eu" }, provideClusterInfo: true }))).toEqual({
      token: "eu kubernetes CA",
      expiresAt: Date.UTC(2030, 0, 1),
    });
  });

  test("takes a client certificate", async () => {
    expect(await run(plugin(answer('{clientCertificateData: "C", clientKeyData: "K"}')))).toEqual({
      certificate: "C",
      key: "K",
    });
  });

  test.each([
    ["that fails", plugin("process.exit(3)"), "exit code 3"],
    [
      "that does not exist",
      plugin("", { command: "/no/such/plugin", installHint: "install it" }),
      "install it",
    ],
    ["that prints no JSON", plugin("console.log('hi')"), "not JSON"],
    ["of another version", plugin(answer('{token: "t"}', "v1beta1")), "v1beta1"],
    ["that issues nothing", plugin(answer("{}")), "neither a token nor a certificate"],
    ["with a bad end", plugin(answer('{token: "t", expirationTimestamp: "soon"}')), "soon"],
  ])("a plugin %s is a configuration error", async (_, exec, message) => {
    await expect(run(exec)).rejects.toMatchObject({
      code: "InvalidConfig",
      message: expect.stringContaining(message),
    });
  });
});
