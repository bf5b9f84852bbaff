import { afterEach, describe, expect, test } from "vitest";
import type { ContentTarget, UploadSessions } from "../content.ts";
import { copyImage } from "../copy/copy-image.ts";
import { writeImage } from "../image.ts";
import { createRegistryServer } from "../server/server.ts";
import type { RegistryRequestLog } from "../server/server-options.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import { memoryContent, storageContent } from "../storage/storage-content.ts";
import { chunked, readAll, writeBlobs } from "../testing/content-checks.ts";
import { hasProgram, startDockerRegistry } from "../testing/docker-registry.ts";
import { startFaultProxy, type Fault, type FaultProxy, type SeenRequest } from "../testing/fault-proxy.ts";
import { randomBlob, randomLayer, sampleImage } from "../testing/samples.ts";
import { createTestTiming, type TestTiming } from "../testing/test-timing.ts";
import type { ClientEvent, RegistryClientOptions } from "./client-options.ts";
import { createRegistryClient } from "./client.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Setup {
  readonly proxy: FaultProxy;
  /** Through the proxy. */
  readonly repository: ContentTarget;
  /** The same without. */
  readonly direct: ContentTarget;
  readonly timing: TestTiming;
  readonly events: ClientEvent[];
  /** Requests that reached the server. */
  readonly requests: RegistryRequestLog[];
}

async function start(options: RegistryClientOptions = {}): Promise<Setup> {
  const storage = memoryStorage();
  const requests: RegistryRequestLog[] = [];
  const server = createRegistryServer({ storage, onRequest: (request) => void requests.push(request) });
  const { address } = await server.listen();
  const proxy = await startFaultProxy(address);
  const timing = createTestTiming();
  const events: ClientEvent[] = [];
  const client = createRegistryClient({
    timing,
    resolve: { "quay.example": `http://${proxy.address}` },
    onEvent: (event) => void events.push(event),
    ...options,
  });
  cleanups.push(
    () => server.close(),
    () => proxy.close(),
    () => client.close(),
  );
  return {
    proxy,
    repository: client.repository("quay.example", "team/app"),
    direct: storageContent(storage, "team/app"),
    timing,
    events,
    requests,
  };
}

const blobGet = ({ method, path }: SeenRequest): boolean =>
  method === "GET" && path.includes("/blobs/sha256:");
const uploadPut = ({ method, path }: SeenRequest): boolean =>
  method === "PUT" && path.includes("/blobs/uploads/");
const uploadPatch = ({ method, path }: SeenRequest): boolean =>
  method === "PATCH" && path.includes("/blobs/uploads/");
const any = (): boolean => true;

describe("a download", () => {
  test("goes on where the connection broke", async () => {
    const { proxy, repository, direct, requests } = await start();
    const blob = randomBlob(500_000);
    await writeBlobs(direct, [blob]);
    proxy.inject(blobGet, { kind: "cut-answer", after: 200_000 });
    proxy.inject(blobGet, { kind: "cut-answer", after: 100_000 });
    expect((await readAll(repository, blob)).equals(blob.bytes)).toBe(true);
    const ranges = proxy.seen.filter(blobGet).map((request) => request.headers["range"]);
    expect(ranges).toEqual([undefined, "bytes=200000-", "bytes=300000-"]);
    expect(requests.map((request) => request.status)).toContain(206);
  });

  test("that ends early with a length to match goes on, too", async () => {
    const { proxy, repository, direct } = await start();
    const blob = randomBlob(50_000);
    await writeBlobs(direct, [blob]);
    proxy.inject(blobGet, { kind: "shorten-answer", by: 1000 });
    expect((await readAll(repository, blob)).equals(blob.bytes)).toBe(true);
  });

  test("with one wrong bit is an error that names the blob", async () => {
    const { proxy, repository, direct } = await start();
    const blob = randomBlob(50_000);
    await writeBlobs(direct, [blob]);
    proxy.inject(blobGet, { kind: "flip-answer", at: 25_000 });
    const failure = readAll(repository, blob);
    await expect(failure).rejects.toMatchObject({
      code: "digest-mismatch",
      reference: blob.descriptor.digest,
    });
    await expect(failure).rejects.toThrow("quay.example/team/app");
  });

  test("gives up when nothing arrives any more", async () => {
    const { proxy, repository, direct, timing } = await start({ retries: 3 });
    const blob = randomBlob(50_000);
    await writeBlobs(direct, [blob]);
    for (let count = 0; count < 10; count++) proxy.inject(blobGet, { kind: "cut-answer", after: 0 });
    await expect(readAll(repository, blob)).rejects.toMatchObject({ code: "network" });
    expect(timing.waits).toHaveLength(3);
    expect(proxy.seen.filter(blobGet)).toHaveLength(4);
  });
});

describe("an upload", () => {
  test("goes on where the connection broke", async () => {
    const { proxy, repository, requests } = await start();
    const blob = randomBlob(700_000);
    proxy.inject(uploadPut, { kind: "cut-request", after: 300_000 });
    const counted: number[] = [];
    const open = (offset: number): AsyncIterable<Uint8Array> => chunked(blob.bytes.subarray(offset), 10_000);
    await repository.writeBlob(blob.descriptor, open, { onBytes: (count) => void counted.push(count) });
    expect((await readAll(repository, blob)).equals(blob.bytes)).toBe(true);
    const received = requests.reduce((sum, request) => sum + request.received, 0);
    expect(received).toBe(700_000);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(700_000);
  });

  test("in pieces goes on within a piece", async () => {
    const { proxy, repository, requests } = await start({ chunkSize: 100_000 });
    const blob = randomBlob(350_000);
    proxy.inject(uploadPatch, { kind: "cut-request", after: 40_000 });
    await writeBlobs(repository, [blob]);
    expect((await readAll(repository, blob)).equals(blob.bytes)).toBe(true);
    expect(requests.reduce((sum, request) => sum + request.received, 0)).toBe(350_000);
  });

  test("starts again when the registry has lost the session", async () => {
    const { proxy, repository } = await start();
    const blob = randomBlob(30_000);
    proxy.inject(uploadPut, { kind: "status", status: 416 });
    await writeBlobs(repository, [blob]);
    expect((await readAll(repository, blob)).equals(blob.bytes)).toBe(true);
    expect(proxy.seen.filter(({ method }) => method === "POST")).toHaveLength(2);
  });

  test("with one wrong bit on its way is sent again", async () => {
    const { proxy, repository } = await start();
    const blob = randomBlob(30_000);
    proxy.inject(uploadPut, { kind: "flip-request", at: 15_000 });
    await writeBlobs(repository, [blob]);
    expect((await readAll(repository, blob)).equals(blob.bytes)).toBe(true);
  });

  test("is continued by another process that knows the session", async () => {
    const known = new Map<string, string>();
    const sessions: UploadSessions = {
      get: (target, digest) => Promise.resolve(known.get(`${target} ${digest}`)),
      set: (target, digest, location) => {
        if (location === undefined) known.delete(`${target} ${digest}`);
        else known.set(`${target} ${digest}`, location);
        return Promise.resolve();
      },
    };
    const { proxy, repository, requests } = await start({ retries: 0 });
    const blob = randomBlob(300_000);
    const open = (offset: number): AsyncIterable<Uint8Array> => chunked(blob.bytes.subarray(offset), 10_000);
    proxy.inject(uploadPut, { kind: "cut-request", after: 120_000 });
    await expect(repository.writeBlob(blob.descriptor, open, { sessions })).rejects.toMatchObject({
      code: "network",
    });
    expect(known.size).toBe(1);
    await repository.writeBlob(blob.descriptor, open, { sessions });
    expect((await readAll(repository, blob)).equals(blob.bytes)).toBe(true);
    expect(requests.reduce((sum, request) => sum + request.received, 0)).toBe(300_000);
    expect(known.size).toBe(0);
  });

  test("does not retry a source that has failed for good", async () => {
    const { repository, timing } = await start();
    const blob = randomBlob(1000);
    async function* open(): AsyncGenerator<Uint8Array> {
      yield blob.bytes.subarray(0, 10);
      throw new Error("the disk is gone");
    }
    await expect(repository.writeBlob(blob.descriptor, open)).rejects.toThrow("the disk is gone");
    expect(timing.waits).toEqual([]);
  });

  test.skipIf(!hasProgram("docker-registry"))("survives a broken connection at a real registry", async () => {
    const registry = await startDockerRegistry();
    const proxy = await startFaultProxy(registry.address);
    const client = createRegistryClient({ timing: createTestTiming(), chunkSize: 100_000 });
    cleanups.push(
      () => registry.close(),
      () => proxy.close(),
      () => client.close(),
    );
    const repository = client.repository(proxy.address, "team/app");
    const blob = randomBlob(450_000);
    proxy.inject(uploadPatch, { kind: "cut-request", after: 30_000 });
    await writeBlobs(repository, [blob]);
    expect((await readAll(repository, blob)).equals(blob.bytes)).toBe(true);
    expect(proxy.pending).toBe(0);
  });
});

describe("a request", () => {
  test.each([408, 429, 500, 502, 503, 504])("is repeated after %i", async (status) => {
    const { proxy, repository, direct } = await start();
    const image = await sampleImage();
    await writeImage(direct, image, { tags: ["v1"] });
    proxy.inject(any, { kind: "status", status });
    expect(await repository.resolve("v1")).toEqual(image.manifest.descriptor);
  });

  test.each([400, 403, 404, 405, 501])("is not repeated after %i", async (status) => {
    const { proxy, repository, timing } = await start();
    proxy.inject(any, { kind: "status", status });
    await expect(repository.manifest("v1")).rejects.toMatchObject({ status, retryable: false });
    expect(timing.waits).toEqual([]);
    expect(proxy.seen).toHaveLength(1);
  });

  test("waits longer from time to time, and then gives up with the status", async () => {
    const { proxy, repository, timing } = await start();
    for (let count = 0; count < 6; count++) proxy.inject(any, { kind: "status", status: 500 });
    await expect(repository.manifest("v1")).rejects.toMatchObject({
      code: "unavailable",
      status: 500,
      retryable: true,
    });
    expect(timing.waits).toEqual([150, 300, 600, 1200, 2400]);
  });

  test("waits as long as the registry asks, and other requests wait with it", async () => {
    const { proxy, repository, timing, events } = await start({ concurrency: 8 });
    proxy.inject(any, { kind: "status", status: 429, headers: { "retry-after": "7" } });
    expect(await repository.resolve("v1")).toBeUndefined();
    expect(timing.waits[0]).toBe(7000);
    expect(events).toContainEqual({ type: "concurrency", registry: "quay.example", limit: 4 });
    expect(events).toContainEqual(expect.objectContaining({ type: "retry", attempt: 1, delayMs: 7000 }));
  });

  test("shows a registry's quota", async () => {
    const { proxy, repository, events } = await start();
    const headers = { "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "76;w=21600" };
    proxy.inject(any, { kind: "status", status: 404, headers });
    await repository.resolve("v1");
    expect(events).toContainEqual({ type: "quota", registry: "quay.example", limit: 100, remaining: 76 });
  });

  test("that cannot connect is a network error with the address", async () => {
    const { proxy, repository } = await start({ retries: 1 });
    await proxy.close();
    const failure = repository.manifest("v1");
    await expect(failure).rejects.toMatchObject({ code: "network" });
    await expect(failure).rejects.toThrow(`GET http://${proxy.address}/v2/team/app/manifests/v1`);
  });
});

describe("a copy through a bad line", () => {
  const faults: readonly (readonly [string, (request: SeenRequest) => boolean, Fault])[] = [
    ["cut answers of the source", blobGet, { kind: "cut-answer", after: 500 }],
    ["wrong bits from the source", blobGet, { kind: "flip-answer", at: 500 }],
    ["a wrong length from the source", blobGet, { kind: "shorten-answer", by: 3 }],
    ["cut uploads", uploadPut, { kind: "cut-request", after: 700 }],
    ["wrong bits in an upload", uploadPut, { kind: "flip-request", at: 700 }],
    [
      "500 for a manifest",
      ({ method, path }) => method === "PUT" && path.includes("/manifests/"),
      { kind: "status", status: 500 },
    ],
    ["429 in the middle", uploadPut, { kind: "status", status: 429, headers: { "retry-after": "1" } }],
    ["503 for a check", ({ method }) => method === "HEAD", { kind: "status", status: 503 }],
    [
      "401 in the middle",
      uploadPut,
      { kind: "status", status: 401, headers: { "www-authenticate": 'Basic realm="x"' } },
    ],
  ];

  test.each(faults.slice(0, 8))("ends well in spite of %s", async (_what, rule, fault) => {
    const from = await start();
    const to = await start();
    const image = await sampleImage({ layers: [await randomLayer(4000), await randomLayer(3000)] });
    await writeImage(from.direct, image, { tags: ["v1"] });
    for (const { proxy } of [from, to]) for (let count = 0; count < 2; count++) proxy.inject(rule, fault);
    const result = await copyImage(from.repository, to.repository, { reference: "v1" });
    expect(from.proxy.pending === 0 || to.proxy.pending === 0).toBe(true);
    expect(result).toMatchObject({ outcome: "copied", blobs: { written: 3 } });
    const back = memoryContent();
    await copyImage(to.direct, back, { reference: "v1" });
    expect((await back.resolve("v1"))?.digest).toBe(image.manifest.descriptor.digest);
  });

  test("sends what a registry claimed to have when it then refuses the manifest", async () => {
    const to = await start();
    const source = memoryContent();
    const image = await sampleImage();
    await writeImage(source, image, { tags: ["v1"] });
    const check = ({ method, path }: SeenRequest): boolean => method === "HEAD" && path.includes("/blobs/");
    for (let count = 0; count < 3; count++) {
      to.proxy.inject(check, {
        kind: "status",
        status: 307,
        headers: { location: "http://storage.example/" },
      });
    }
    const result = await copyImage(source, to.repository, { reference: "v1" });
    expect(result).toMatchObject({ blobs: { present: 3 }, manifests: { written: 1 } });
    expect((await to.direct.manifest("v1")).descriptor).toEqual(image.manifest.descriptor);
  });

  test("takes a denied look at a repository that does not exist yet for nothing there", async () => {
    const to = await start();
    const source = memoryContent();
    await writeImage(source, await sampleImage(), { tags: ["v1"] });
    const read = ({ method }: SeenRequest): boolean => method === "HEAD" || method === "GET";
    for (let count = 0; count < 4; count++) to.proxy.inject(read, { kind: "status", status: 403 });
    const result = await copyImage(source, to.repository, { reference: "v1" });
    expect(result.blobs.written).toBe(3);
    expect(to.proxy.pending).toBe(0);
  });

  test("reports a denied look at the source, also where it could do without", async () => {
    const from = await start();
    await writeImage(from.direct, await sampleImage(), { tags: ["v1"] });
    from.proxy.inject(({ path }) => path.includes("/referrers/"), { kind: "status", status: 403 });
    const copying = copyImage(from.repository, memoryContent(), { reference: "v1", referrers: true });
    await expect(copying).rejects.toMatchObject({ code: "denied" });
    await expect(copying).rejects.toThrow("referrers of sha256:");
  });

  test("without credentials for an answer of 401 ends with what the registry said", async () => {
    const from = await start();
    const to = await start();
    await writeImage(from.direct, await sampleImage(), { tags: ["v1"] });
    const [, rule, fault] = faults[8]!;
    to.proxy.inject(rule, fault);
    const failure = copyImage(from.repository, to.repository, { reference: "v1" });
    await expect(failure).rejects.toMatchObject({ code: "unauthorized", status: 401 });
    expect(await to.direct.tags()).toEqual([]);
  });
});
