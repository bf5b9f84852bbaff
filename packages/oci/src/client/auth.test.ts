import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { staticKeychain, type Credentials } from "../auth/keychain.ts";
import { copyImage } from "../copy/copy-image.ts";
import { createCopyRun } from "../copy/copy-run.ts";
import { writeImage } from "../image.ts";
import { staticAccounts } from "../server/htpasswd.ts";
import type { RegistryServerAuth } from "../server/server-options.ts";
import { createRegistryServer } from "../server/server.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import { memoryContent, storageContent } from "../storage/storage-content.ts";
import { readAll, writeBlobs } from "../testing/content-checks.ts";
import { listenLocally } from "../testing/local-server.ts";
import { randomBlob, randomLayer, sampleImage } from "../testing/samples.ts";
import type { RegistryClientOptions } from "./client-options.ts";
import { createRegistryClient, type RegistryClient } from "./client.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const accounts = staticAccounts({ ann: "secret", ben: "other" });
const ann: Credentials = { kind: "basic", username: "ann", password: "secret" };

interface Started {
  readonly address: string;
  readonly paths: string[];
  readonly storage: ReturnType<typeof memoryStorage>;
  readonly client: (credentials?: Credentials, options?: RegistryClientOptions) => RegistryClient;
}

async function start(auth: RegistryServerAuth, now?: () => number): Promise<Started> {
  const storage = memoryStorage();
  const paths: string[] = [];
  const server = createRegistryServer({
    storage,
    auth,
    now,
    onRequest: ({ method, path, status }) => void paths.push(`${method} ${path} ${status}`),
  });
  const { address } = await server.listen();
  cleanups.push(() => server.close());
  const client = (credentials?: Credentials, options: RegistryClientOptions = {}): RegistryClient => {
    const keychain = staticKeychain(credentials === undefined ? {} : { [address]: credentials });
    const made = createRegistryClient({ keychain, retries: 0, ...options });
    cleanups.push(() => made.close());
    return made;
  };
  return { address, paths, storage, client };
}

/** A server of a few lines, for what ours does not do. */
async function startServer(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const { port, close } = await listenLocally(createServer(handler));
  cleanups.push(close);
  return `127.0.0.1:${port}`;
}

describe.each(["basic", "token"] as const)("%s authentication", (kind) => {
  test("lets a known account push and pull", async () => {
    const { address, client } = await start({ kind, accounts });
    const repository = client(ann).repository(address, "team/app");
    const image = await sampleImage();
    await writeImage(repository, image, { tags: ["v1"] });
    expect(await repository.resolve("v1")).toEqual(image.manifest.descriptor);
  });

  test.each([
    ["nobody", undefined],
    ["a wrong password", { kind: "basic", username: "ann", password: "wrong" } as const],
  ])("keeps %s out, with the registry's words", async (_who, credentials) => {
    const { address, client } = await start({ kind, accounts });
    const repository = client(credentials).repository(address, "team/app");
    await expect(repository.manifest("v1")).rejects.toMatchObject({ code: "unauthorized", status: 401 });
    const writing = writeImage(repository, await sampleImage());
    await expect(writing).rejects.toMatchObject({ code: "unauthorized" });
  });

  test("lets everybody pull where that is allowed, and only known accounts push", async () => {
    const { address, client, storage } = await start({ kind, accounts, anonymousPull: true });
    const image = await sampleImage();
    await writeImage(storageContent(storage, "team/app"), image, { tags: ["v1"] });
    const repository = client().repository(address, "team/app");
    expect(await repository.resolve("v1")).toEqual(image.manifest.descriptor);
    const writing = writeBlobs(repository, [randomBlob(10)]);
    await expect(writing).rejects.toMatchObject({ code: "unauthorized" });
  });

  test("links a blob only from where the account may read", async () => {
    const allows = (user: string | undefined, repository: string): boolean =>
      user === "ann" || repository === "ben/app";
    const { address, client, storage } = await start({ kind, accounts, allows });
    const blob = randomBlob(1000);
    await writeBlobs(storageContent(storage, "ann/app"), [blob]);
    const open = async function* (offset: number): AsyncGenerator<Uint8Array> {
      yield blob.bytes.subarray(offset);
    };
    const ben: Credentials = { kind: "basic", username: "ben", password: "other" };
    const to = client(ben).repository(address, "ben/app");
    expect(await to.writeBlob(blob.descriptor, open, { mountFrom: "ann/app" })).toBe("written");
    const more = client(ann).repository(address, "ann/more");
    expect(await more.writeBlob(blob.descriptor, open, { mountFrom: "ann/app" })).toBe("mounted");
  });
});

describe("token authentication", () => {
  test("fetches one token for many requests at the same time", async () => {
    const { address, client, paths, storage } = await start({ kind: "token", accounts });
    const image = await sampleImage();
    await writeImage(storageContent(storage, "team/app"), image, { tags: ["v1"] });
    const repository = client(ann).repository(address, "team/app");
    await Promise.all(image.layers.map((layer) => repository.hasBlob(layer.descriptor)));
    await Promise.all(Array.from({ length: 10 }, () => repository.resolve("v1")));
    expect(paths.filter((path) => path.startsWith("GET /token"))).toHaveLength(1);
    expect(paths.filter((path) => path.endsWith(" 401") && !path.includes("/v2/ "))).toEqual([]);
  });

  test("fetches a new token when the old one has ended", async () => {
    let now = 0;
    const { address, client, paths, storage } = await start({ kind: "token", accounts }, () => now);
    const image = await sampleImage();
    await writeImage(storageContent(storage, "team/app"), image, { tags: ["v1"] });
    // The client's clock stands still, so only the registry can tell.
    const timing = { now: () => 0, random: () => 0, sleep: () => Promise.resolve() };
    const repository = client(ann, { timing }).repository(address, "team/app");
    await repository.resolve("v1");
    now += 3_600_000;
    expect(await repository.resolve("v1")).toEqual(image.manifest.descriptor);
    expect(paths.filter((path) => path.startsWith("GET /token"))).toHaveLength(2);
  });

  test("asks for both repositories when it links between them", async () => {
    const { address, client } = await start({ kind: "token", accounts });
    const layer = await randomLayer();
    const own = client(ann);
    const run = createCopyRun();
    for (const name of ["team/a", "team/b"]) {
      const source = memoryContent();
      await writeImage(source, await sampleImage({ layers: [layer] }), { tags: ["v1"] });
      const result = await copyImage(source, own.repository(address, name), { reference: "v1", run });
      expect(result.blobs.mounted).toBe(name === "team/b" ? 1 : 0);
    }
  });

  test("exchanges an identity token", async () => {
    const bodies: string[] = [];
    const tokens = await startServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        bodies.push(`${request.method} ${body}`);
        response.end(JSON.stringify({ access_token: "short", expires_in: 300 }));
      });
    });
    const registry = await startServer((request, response) => {
      if (request.headers.authorization === "Bearer short") {
        response.writeHead(404).end();
        return;
      }
      const challenge = `Bearer realm="http://${tokens}/oauth",service="reg",scope="repository:team/app:pull"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
    });
    const keychain = staticKeychain({ [registry]: { kind: "identity-token", token: "long" } });
    const client = createRegistryClient({ keychain });
    cleanups.push(() => client.close());
    expect(await client.repository(registry, "team/app").resolve("v1")).toBeUndefined();
    const form = "grant_type=refresh_token&client_id=package-operator&refresh_token=long&service=reg";
    expect(bodies).toEqual([`POST ${form}&scope=repository%3Ateam%2Fapp%3Apull`]);
  });

  test("a token server that refuses is named in the error", async () => {
    const { address, client } = await start({ kind: "token", accounts });
    const wrong = client({ kind: "basic", username: "ann", password: "no" }).repository(address, "team/app");
    await expect(wrong.manifest("v1")).rejects.toThrow(`GET http://${address}/token: UNAUTHORIZED`);
  });

  test("prefers a token to a password when both are offered", async () => {
    const seen: (string | undefined)[] = [];
    const registry = await startServer((request, response) => {
      if (request.url?.startsWith("/token") === true) {
        response.end('{"token":"t"}');
        return;
      }
      seen.push(request.headers.authorization);
      const isKnown = request.headers.authorization === "Bearer t";
      const realm = `http://${request.headers.host}/token`;
      response.writeHead(isKnown ? 404 : 401, {
        "www-authenticate": ['Basic realm="b"', `Bearer realm="${realm}"`],
      });
      response.end();
    });
    const client = createRegistryClient({ keychain: staticKeychain({ [registry]: ann }) });
    cleanups.push(() => client.close());
    expect(await client.repository(registry, "team/app").resolve("v1")).toBeUndefined();
    expect(seen.at(-1)).toBe("Bearer t");
  });
});

describe("credentials", () => {
  test("stay at the registry when it redirects to another host", async () => {
    const blob = randomBlob(5000);
    const seen: IncomingMessage["headers"][] = [];
    const store = await startServer((request, response) => {
      seen.push(request.headers);
      response.end(blob.bytes);
    });
    const registry = await startServer((request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
        return;
      }
      response.writeHead(307, { location: `http://${store}/signed?key=1` }).end();
    });
    const client = createRegistryClient({ keychain: staticKeychain({ [registry]: ann }) });
    cleanups.push(() => client.close());
    const repository = client.repository(registry, "team/app");
    expect((await readAll(repository, blob)).equals(blob.bytes)).toBe(true);
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toHaveProperty("authorization");
  });

  test("stay at the registry when it sends an upload to another host", async () => {
    const seen: IncomingMessage["headers"][] = [];
    const store = await startServer((request, response) => {
      seen.push(request.headers);
      request.resume();
      request.on("end", () => response.writeHead(201).end());
    });
    const registry = await startServer((request, response) => {
      const isKnown = request.headers.authorization !== undefined;
      request.resume();
      if (isKnown) response.writeHead(202, { location: `http://${store}/put` }).end();
      else response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
    });
    const client = createRegistryClient({ keychain: staticKeychain({ [registry]: ann }) });
    cleanups.push(() => client.close());
    await writeBlobs(client.repository(registry, "team/app"), [randomBlob(100)]);
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toHaveProperty("authorization");
  });

  test("never get into an error", async () => {
    const registry = await startServer((_request, response) => {
      response.writeHead(307, { location: `http://ann:secret@127.0.0.1:1/x?token=secret` }).end();
    });
    const client = createRegistryClient({ retries: 0 });
    cleanups.push(() => client.close());
    const failure = client.repository(registry, "team/app").manifest("v1");
    await expect(failure).rejects.toMatchObject({ url: "http://127.0.0.1:1/x" });
    const error = (await failure.catch((cause: unknown) => cause)) as Error;
    expect(`${error.message} ${error.stack}`).not.toContain("secret");
  });
});
