import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { ClusterConfig } from "./cluster-config.ts";
import { createManualClock } from "./manual-clock.ts";
import {
  type Answer,
  type ScriptedServer,
  type SeenRequest,
  startScriptedServer,
  statusAnswer,
} from "./testing/scripted-server.ts";
import { createTransport, type Transport, type TransportOptions } from "./transport.ts";
import { eventually } from "./testing/eventually.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(handle: (request: SeenRequest) => Answer | undefined): Promise<ScriptedServer> {
  const server = await startScriptedServer(handle);
  cleanups.push(() => server.close());
  return server;
}

function connect(config: ClusterConfig, options: Partial<TransportOptions> = {}): Transport {
  const transport = createTransport(config, {
    clock: createManualClock(),
    env: {},
    userAgent: "test",
    ...options,
  });
  cleanups.push(() => transport.close());
  return transport;
}

const get = { method: "GET", path: "/thing" } as const;
const ok: Answer = { body: { fine: true } };

describe("what is sent", () => {
  test("method, path below the server's prefix, query, headers and JSON", async () => {
    const server = await start(() => ok);
    const transport = connect({ ...server.config, server: `${server.config.server}/prefix` });
    const answer = await transport.send({
      method: "POST",
      path: "/things",
      query: { a: "b c" },
      contentType: "application/merge-patch+json",
      body: { big: 9007199254740993n },
    });
    expect(answer).toMatchObject({ httpStatus: 200, body: '{"fine":true}' });
    expect(server.requests[0]).toMatchObject({
      method: "POST",
      path: "/prefix/things",
      query: { a: "b c" },
      headers: {
        accept: "application/json",
        "content-type": "application/merge-patch+json",
        "user-agent": "test",
      },
    });
    expect(server.requests[0]?.body.trim()).toBe('{"big":9007199254740993}');
  });

  test("basic authentication and impersonation", async () => {
    const server = await start(() => ok);
    const auth = {
      basic: { username: "me", password: "pw" },
      impersonate: { user: "she", uid: "1", groups: ["a", "b"], extra: { "why/not": ["x"] } },
    };
    await connect({ ...server.config, auth }).send(get);
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from("me:pw").toString("base64")}`,
      "impersonate-user": "she",
      "impersonate-uid": "1",
      "impersonate-group": "a, b",
      "impersonate-extra-why%2fnot": "x",
    });
  });
});

describe("tokens from files", () => {
  async function tokenFile(): Promise<string> {
    const dir = await mkdtemp(path.join(tmpdir(), "kube-"));
    cleanups.push(() => rm(dir, { recursive: true }));
    const file = path.join(dir, "token");
    await writeFile(file, "one\n");
    return file;
  }

  test("are read again after a minute", async () => {
    const server = await start(() => ok);
    const file = await tokenFile();
    const clock = createManualClock();
    const transport = connect({ ...server.config, auth: { token: { file } } }, { clock });
    await transport.send(get);
    await writeFile(file, "two");
    await transport.send(get);
    await clock.advance(60_000);
    await transport.send(get);
    await rm(file);
    await clock.advance(60_000);
    await transport.send(get);
    const tokens = server.requests.map(({ headers }) => headers.authorization);
    expect(tokens).toEqual(["Bearer one", "Bearer one", "Bearer two", "Bearer two"]);
  });

  test("are read again at once when the server refuses them, and the request is sent again", async () => {
    const server = await start(({ headers }) =>
      headers.authorization === "Bearer two" ? ok : statusAnswer(401, "Unauthorized"),
    );
    const file = await tokenFile();
    const transport = connect({ ...server.config, auth: { token: { file } } });
    await expect(transport.send(get)).rejects.toMatchObject({ code: "ApiStatus", httpStatus: 401 });
    await writeFile(file, "two");
    await transport.send(get);
    expect(server.requests).toHaveLength(4);
  });

  test("that are missing from the start are a configuration error", async () => {
    const server = await start(() => ok);
    const transport = connect({ ...server.config, auth: { token: { file: "/no/such/token" } } });
    await expect(transport.send(get)).rejects.toMatchObject({ code: "InvalidConfig" });
  });
});

describe("exec credentials", () => {
  test("are kept until shortly before their end, then issued anew", async () => {
    const server = await start(() => ok);
    const clock = createManualClock(Date.UTC(2030, 0, 1));
    const script = `console.log(JSON.stringify({apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential",
      status: {token: String(process.pid), expirationTimestamp: process.env.UNTIL}}))`;
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: process.execPath,
      args: ["-e", script],
      env: { UNTIL: "2030-01-01T00:01:00Z" },
      provideClusterInfo: false,
    };
    const transport = connect({ ...server.config, auth: { exec } }, { clock });
    await transport.send(get);
    await transport.send(get);
    await clock.advance(51_000);
    await transport.send(get);
    const [first, second, third] = server.requests.map(({ headers }) => headers.authorization);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });
});

describe("answers that are errors", () => {
  test("keep their whole Status", async () => {
    const details = {
      kind: "things",
      causes: [{ field: "spec.x", reason: "FieldValueInvalid", message: "bad" }],
    };
    const server = await start(() => statusAnswer(422, "Invalid", { details }));
    await expect(connect(server.config).send(get)).rejects.toMatchObject({
      code: "ApiStatus",
      httpStatus: 422,
      reason: "Invalid",
      message: "scripted Invalid",
      status: { details },
    });
  });

  test("that are no Status say what was asked", async () => {
    const server = await start(() => ({ status: 502, body: "bad gateway" }));
    await expect(connect(server.config).send(get)).rejects.toMatchObject({
      httpStatus: 502,
      status: undefined,
      message: "GET /thing: HTTP 502: bad gateway",
    });
  });

  test("with Retry-After are tried again then", async () => {
    let answers = 0;
    const server = await start(() =>
      ++answers < 3 ? { status: 429, body: "", headers: { "retry-after": "2" } } : ok,
    );
    const clock = createManualClock();
    const seen: string[] = [];
    const sent = connect(server.config, { clock, onRequest: ({ code }) => seen.push(code) }).send(get);
    for (let round = 0; round < 2; round++) {
      await eventually(() => expect(clock.pending()).toEqual([2000]));
      await clock.advance(2000);
    }
    expect((await sent).httpStatus).toBe(200);
    expect(seen).toEqual(["429", "429", "200"]);
  });
});

describe("connections", () => {
  test("that drop are reported with the URL; reads are tried once more, writes are not", async () => {
    const server = await start(() => "hang up");
    const seen: object[] = [];
    const transport = connect(server.config, { onRequest: (event) => seen.push(event) });
    await expect(transport.send(get)).rejects.toMatchObject({
      code: "Unreachable",
      message: expect.stringContaining(`GET ${server.config.server}/thing`),
    });
    expect(server.requests).toHaveLength(2);
    await expect(transport.send({ ...get, method: "POST", body: {} })).rejects.toMatchObject({
      code: "Unreachable",
    });
    expect(server.requests).toHaveLength(3);
    const host = new URL(server.config.server).host;
    expect(seen[0]).toEqual({ code: "<error>", method: "GET", host });
  });

  test("an abort gives its own reason", async () => {
    const server = await start(() => "watch");
    const abort = new AbortController();
    const sent = connect(server.config).send(get, { signal: abort.signal });
    await eventually(() => expect(server.watches).toHaveLength(1));
    abort.abort(new Error("enough"));
    await expect(sent).rejects.toThrow("enough");
  });

  test("close ends open streams and refuses new requests", async () => {
    const server = await start(() => "watch");
    const transport = connect(server.config);
    const stream = await transport.open(get);
    const read = stream[Symbol.asyncIterator]().next();
    const [outcome] = await Promise.allSettled([read, transport.close()]);
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "Closed" } });
    await expect(transport.send(get)).rejects.toMatchObject({ code: "Closed" });
  });

  test("a server that is no URL is a configuration error", () => {
    const config = {
      server: "http://[",
      insecureSkipTlsVerify: false,
      auth: {},
      namespace: "default",
      source: "/file",
    };
    expect(() => connect(config)).toThrow(expect.objectContaining({ code: "InvalidConfig" }));
  });

  test("go through the proxy of the configuration", async () => {
    const server = await start(() => ok);
    const asked: (string | undefined)[] = [];
    const proxy = createServer().on("connect", (request: IncomingMessage, socket: Socket) => {
      asked.push(request.url);
      const upstream = createConnection(Number(new URL(server.config.server).port), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        upstream.pipe(socket).pipe(upstream);
      });
    });
    await new Promise<void>((resolve) => {
      proxy.listen(0, "127.0.0.1", resolve);
    });
    cleanups.push(async () => void proxy.close());
    const { port } = proxy.address() as AddressInfo;
    const transport = connect({
      ...server.config,
      server: "http://api.invalid:8080",
      proxyUrl: `http://127.0.0.1:${port}`,
    });
    expect((await transport.send(get)).httpStatus).toBe(200);
    expect(asked).toEqual(["api.invalid:8080"]);
  });
});
