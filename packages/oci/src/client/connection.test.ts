import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request as httpRequest, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { staticKeychain } from "../auth/keychain.ts";
import { writeImage } from "../image.ts";
import { createRegistryServer } from "../server/server.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import { storageContent } from "../storage/storage-content.ts";
import { readAll } from "../testing/content-checks.ts";
import { hasProgram } from "../testing/docker-registry.ts";
import { listenLocally } from "../testing/local-server.ts";
import { randomBlob, sampleImage } from "../testing/samples.ts";
import type { RegistryClientOptions } from "./client-options.ts";
import { createRegistryClient, type RegistryClient } from "./client.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function createClient(options: RegistryClientOptions): RegistryClient {
  const client = createRegistryClient({ retries: 0, ...options });
  cleanups.push(() => client.close());
  return client;
}

/** Starts a server until the end of the test, and gives its port. */
async function listen(server: Server): Promise<number> {
  const { port, close } = await listenLocally(server);
  cleanups.push(close);
  return port;
}

/** Joins a connection that asked a proxy for a tunnel with a server. */
function tunnel(socket: Socket, address: string): void {
  const [host, port] = address.split(":");
  const through = connect(Number(port), host, () => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    through.pipe(socket).pipe(through);
  });
  through.on("error", () => socket.destroy());
  socket.on("error", () => through.destroy());
}

async function startRegistry(tls?: { readonly cert: string; readonly key: string }): Promise<string> {
  const storage = memoryStorage();
  await writeImage(storageContent(storage, "team/app"), await sampleImage(), { tags: ["v1"] });
  const server = createRegistryServer({ storage, tls });
  const { address } = await server.listen();
  cleanups.push(() => server.close());
  return address;
}

describe.skipIf(!hasProgram("openssl"))("TLS", () => {
  let dir: string;
  let tls: { cert: string; key: string };
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), "oci-tls-"));
    const names = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:registry.example";
    const args = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
    ];
    execFileSync(
      "openssl",
      [...args, "-subj", "/CN=test", "-addext", names, "-keyout", `${dir}/key`, "-out", `${dir}/cert`],
      { stdio: "pipe" },
    );
    tls = { cert: await readFile(`${dir}/cert`, "utf8"), key: await readFile(`${dir}/key`, "utf8") };
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  test("is verified with the certificates that are given", async () => {
    const address = await startRegistry(tls);
    const repository = createClient({ ca: [tls.cert] }).repository(address, "team/app");
    expect(await repository.resolve("v1")).toBeDefined();
  });

  test("is verified with the system's certificates and those of NODE_EXTRA_CA_CERTS", async () => {
    const address = await startRegistry(tls);
    for (const name of ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]) {
      const repository = createClient({ env: { [name]: `${dir}/cert` } }).repository(address, "team/app");
      expect(await repository.resolve("v1")).toBeDefined();
    }
  });

  test("needs certificates in PEM form", async () => {
    const resolve = { "registry.example": "https://127.0.0.1:1" };
    const repository = createClient({ ca: [tls.cert, "not PEM"], resolve }).repository(
      "registry.example",
      "a/b",
    );
    const failure = repository.manifest("v1");
    await expect(failure).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(failure).rejects.toThrow("certificate 2 of 2 is not in PEM form");
  });

  test("fails for a certificate that nobody signed", async () => {
    const address = await startRegistry(tls);
    const direct = createClient({ resolve: { "registry.example": `https://${address}` } });
    const failure = direct.repository("registry.example", "team/app").manifest("v1");
    await expect(failure).rejects.toMatchObject({ code: "tls", retryable: false });
  });

  test("fails at a private address too, where a challenge by an unknown server leads nowhere", async () => {
    const asked: string[] = [];
    const realm = await listen(
      createServer((request, response) => {
        asked.push(request.url ?? "");
        response.end("{}");
      }),
    );
    const header = `Bearer realm="http://127.0.0.1:${realm}/token",service="x"`;
    const port = await listen(
      createHttpsServer(tls, (_request, response) => {
        response.writeHead(401, { "www-authenticate": header }).end();
      }),
    );
    const keychain = staticKeychain({
      [`127.0.0.1:${port}`]: { kind: "basic", username: "me", password: "secret" },
    });
    const open = (options: RegistryClientOptions) =>
      createClient({ keychain, ...options })
        .repository(`127.0.0.1:${port}`, "team/app")
        .manifest("v1");
    await expect(open({})).rejects.toMatchObject({ code: "tls", retryable: false });
    expect(asked).toEqual([]);
    await expect(open({ insecureHosts: ["*"] })).rejects.toMatchObject({ name: "OciError" });
    expect(asked).not.toEqual([]);
  });

  test("of a proxy is verified, whatever is allowed for registries", async () => {
    const address = await startRegistry();
    const seen: string[] = [];
    const proxy = createHttpsServer(tls);
    proxy.on("connect", (request: IncomingMessage, socket: Socket) => {
      seen.push(`${request.headers["proxy-authorization"]}`);
      tunnel(socket, address);
    });
    const port = await listen(proxy);
    const open = (options: RegistryClientOptions) =>
      createClient({
        env: { http_proxy: `https://ann:secret@localhost:${port}` },
        resolve: { "registry.example": "http://registry.example:8080" },
        insecureHosts: ["*"],
        ...options,
      })
        .repository("registry.example", "team/app")
        .resolve("v1");
    await expect(open({})).rejects.toMatchObject({ code: "tls" });
    expect(seen).toEqual([]);
    expect(await open({ ca: [tls.cert] })).toBeDefined();
    expect(seen).toEqual([`Basic ${Buffer.from("ann:secret").toString("base64")}`]);
  });

  test("is not verified for hosts that are named insecure", async () => {
    const address = await startRegistry(tls);
    for (const insecureHosts of [["*"], [address], ["127.0.0.1"], () => true]) {
      const repository = createClient({ insecureHosts }).repository(address, "team/app");
      expect(await repository.resolve("v1")).toBeDefined();
    }
  });
});

describe("plain HTTP", () => {
  test("is found out for this machine without being asked for", async () => {
    const address = await startRegistry();
    expect(await createClient({}).repository(address, "team/app").resolve("v1")).toBeDefined();
  });

  test("both attempts are in the error when neither scheme is answered", async () => {
    const repository = createClient({}).repository("127.0.0.1:1", "team/app");
    const failure = repository.manifest("v1");
    await expect(failure).rejects.toMatchObject({ code: "network" });
    await expect(failure).rejects.toThrow(
      /^GET https:\/\/127\.0\.0\.1:1\/v2\/: .*; GET http:\/\/127\.0\.0\.1:1\/v2\/: /,
    );
  });

  test("is not tried for other hosts", async () => {
    // Nothing answers behind this proxy, but the only address in the error is the secure one.
    const client = createClient({
      env: { https_proxy: "http://127.0.0.1:1", http_proxy: "http://127.0.0.1:1" },
    });
    const failure = client.repository("registry.invalid", "team/app").manifest("v1");
    await expect(failure).rejects.toThrow(/^GET https:\/\/registry\.invalid\//);
  });
});

describe("resolve", () => {
  test("serves any name from another place", async () => {
    const address = await startRegistry();
    const client = createClient({
      resolve: { "quay.io": `http://${address}`, "index.docker.io": `http://${address}` },
    });
    expect(await client.repository("quay.io", "team/app").resolve("v1")).toBeDefined();
    const { repository, reference } = client.image("team/app:v1");
    expect(repository.name).toBe("index.docker.io/team/app");
    expect(await repository.resolve(reference)).toBeDefined();
  });

  test("refuses what is no URL", () => {
    const client = createClient({ resolve: { "quay.io": "127.0.0.1:5000" } });
    expect(() => client.repository("quay.io", "a/b")).toThrow(
      '"127.0.0.1:5000" for quay.io is not an http or https URL',
    );
  });
});

describe("a proxy", () => {
  test("is used for other hosts, with its own password, and not for NO_PROXY", async () => {
    const address = await startRegistry();
    const seen: string[] = [];
    const proxy = createServer((request, response) => {
      seen.push(`${request.headers["proxy-authorization"]} ${request.method} ${request.url}`);
      const url = new URL(request.url!);
      const [host, port] = address.split(":");
      const forward = httpRequest({ host, port, path: url.pathname, method: request.method }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      request.pipe(forward);
    });
    // Undici may ask for a tunnel instead.
    proxy.on("connect", (request, socket: Socket) => {
      seen.push(`${request.headers["proxy-authorization"]} CONNECT ${request.url}`);
      tunnel(socket, address);
    });
    const port = await listen(proxy);
    const env = { http_proxy: `http://ann:secret@127.0.0.1:${port}`, NO_PROXY: "direct.example" };
    const resolve = {
      "registry.example": "http://registry.example:8080",
      "direct.example": "http://direct.example:1",
    };
    const client = createClient({ env, resolve });
    expect(await client.repository("registry.example", "team/app").resolve("v1")).toBeDefined();
    expect(seen).toHaveLength(1);
    expect(seen[0]).toContain(`Basic ${Buffer.from("ann:secret").toString("base64")}`);
    await expect(client.repository("direct.example", "team/app").resolve("v1")).rejects.toMatchObject({
      code: "network",
    });
    expect(seen).toHaveLength(1);
  });
});

test("a registry that falls silent within an answer is an error after a while", async () => {
  const silent = createServer((_request, response) => {
    response.writeHead(200, { "content-length": "1000" }).write("the beginning");
  });
  const port = await listen(silent);
  const place = `http://127.0.0.1:${port}`;
  const client = createClient({ idleTimeoutMs: 100, resolve: { "quay.io": place } });
  const reading = readAll(client.repository("quay.io", "team/app"), randomBlob(1000));
  await expect(reading).rejects.toMatchObject({ code: "network", retryable: true });
  await expect(reading).rejects.toThrow(String(port));
});

test("a closed client fails requests that are under way", async () => {
  const silent = createServer(() => {});
  const port = await listen(silent);
  const arrived = new Promise((resolve) => silent.once("request", resolve));
  const client = createClient({ resolve: { "quay.io": `http://127.0.0.1:${port}` } });
  const pending = client.repository("quay.io", "team/app").resolve("v1");
  const outcome = pending.catch((error: unknown) => error);
  await arrived;
  await client.close();
  expect(await outcome).toMatchObject({ code: "network" });
});
