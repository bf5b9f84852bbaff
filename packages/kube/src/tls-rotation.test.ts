import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ClusterConfig } from "./cluster-config.ts";
import { createManualClock } from "./manual-clock.ts";
import { createTransport } from "./transport.ts";

const tool = "openssl";

function hasOpenssl(): boolean {
  try {
    execFileSync(tool, ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const get = { method: "GET", path: "/whoami" } as const;

describe.skipIf(!hasOpenssl())("TLS material in files", () => {
  let dir: string;
  const servers: Server[] = [];
  const file = (name: string) => path.join(dir, name);
  const openssl = (...args: string[]) => execFileSync(tool, args, { cwd: dir, stdio: "ignore" });

  /** A certificate authority `name` and a certificate signed by it for a server and for a client. */
  function createAuthority(name: string): void {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    openssl(
      "req",
      "-x509",
      ...key,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.crt`,
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
    );
    for (const role of ["server", "client"]) {
      const leaf = `${name}-${role}`;
      writeFileSync(
        file("extensions"),
        "subjectAltName=DNS:kubernetes\nextendedKeyUsage=serverAuth,clientAuth",
      );
      openssl("req", ...key, "-keyout", `${leaf}.key`, "-out", `${leaf}.csr`, "-subj", `/CN=${leaf}`);
      const signer = ["-CA", `${name}.crt`, "-CAkey", `${name}.key`, "-CAcreateserial"];
      openssl(
        "x509",
        "-req",
        "-in",
        `${leaf}.csr`,
        ...signer,
        "-out",
        `${leaf}.crt`,
        "-days",
        "2",
        "-extfile",
        "extensions",
      );
    }
  }

  /** A server certified by `authority` that answers who its client is; it trusts the clients of both. */
  async function startServer(authority: string, port = 0): Promise<number> {
    const server = createServer(
      {
        key: readFileSync(file(`${authority}-server.key`)),
        cert: readFileSync(file(`${authority}-server.crt`)),
        ca: [readFileSync(file("old.crt")), readFileSync(file("new.crt"))],
        requestCert: true,
        rejectUnauthorized: true,
      },
      (request, response) => {
        const { CN } = (request.socket as TLSSocket).getPeerCertificate().subject;
        response.end(JSON.stringify(CN));
      },
    );
    await new Promise<void>((resolve) => {
      server.listen(port, "127.0.0.1", resolve);
    });
    servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  async function stopServers(): Promise<void> {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    }
  }

  function use(authority: string): void {
    copyFileSync(file(`${authority}.crt`), file("ca.crt"));
    copyFileSync(file(`${authority}-client.crt`), file("tls.crt"));
    copyFileSync(file(`${authority}-client.key`), file("tls.key"));
  }

  function config(port: number): ClusterConfig {
    return {
      server: `https://127.0.0.1:${port}`,
      ca: { file: file("ca.crt") },
      tlsServerName: "kubernetes",
      insecureSkipTlsVerify: false,
      auth: { clientCertificate: { file: file("tls.crt") }, clientKey: { file: file("tls.key") } },
      namespace: "default",
      source: "test",
    };
  }

  beforeAll(() => {
    dir = mkdtempSync(path.join(tmpdir(), "kube-tls-"));
    createAuthority("old");
    createAuthority("new");
  });
  afterEach(stopServers);
  afterAll(() => rmSync(dir, { recursive: true }));

  test("is used, and replaced within a minute when it is rotated", async () => {
    use("old");
    const port = await startServer("old");
    const clock = createManualClock();
    const transport = createTransport(config(port), { clock, env: {}, userAgent: "test" });
    expect((await transport.send(get)).body).toBe('"old-client"');

    await stopServers();
    await startServer("new", port);
    await expect(transport.send(get)).rejects.toMatchObject({ code: "Unreachable" });
    use("new");
    await clock.advance(60_000);
    expect((await transport.send(get)).body).toBe('"new-client"');
    await transport.close();
  });

  test("a server with another name than expected is refused, unless verification is off", async () => {
    use("old");
    const port = await startServer("old");
    const options = { clock: createManualClock(), env: {}, userAgent: "test" };
    const strict = createTransport({ ...config(port), tlsServerName: "other" }, options);
    await expect(strict.send(get)).rejects.toMatchObject({ code: "Unreachable" });
    await strict.close();
    const { ca: _, ...withoutCa } = config(port);
    const lax = createTransport({ ...withoutCa, insecureSkipTlsVerify: true }, options);
    expect((await lax.send(get)).httpStatus).toBe(200);
    await lax.close();
  });
});
