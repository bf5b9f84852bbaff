import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hash } from "bcryptjs";
import { digestOf } from "../digest.ts";
import { writeImage } from "../image.ts";
import { mediaTypes } from "../media-types.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import type { RegistryStorage } from "../storage/registry-storage.ts";
import { storageContent } from "../storage/storage-content.ts";
import { writeBlobs } from "../testing/content-checks.ts";
import { randomBlob, sampleImage, sampleReferrer } from "../testing/samples.ts";
import { htpasswdAccounts, staticAccounts } from "./htpasswd.ts";
import type { RegistryServer } from "./server-options.ts";
import { createRegistryServer } from "./server.ts";

let server: RegistryServer;
let url: string;
const storage = memoryStorage();
beforeAll(async () => {
  server = createRegistryServer({ storage });
  ({ url } = await server.listen());
});
afterAll(() => server.close());

const ask = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${url}${path}`, init);
const codes = async (response: Response): Promise<string[]> =>
  ((await response.json()) as { errors: { code: string }[] }).errors.map((error) => error.code);

test("says that it is a registry", async () => {
  const response = await ask("/v2/");
  expect(response.status).toBe(200);
  expect(response.headers.get("docker-distribution-api-version")).toBe("registry/2.0");
});

test.each([
  ["GET", "/v2/a/b/manifests/none", 404, "MANIFEST_UNKNOWN"],
  ["GET", `/v2/a/b/blobs/${digestOf("x")}`, 404, "BLOB_UNKNOWN"],
  ["GET", "/v2/a/b/tags/list", 404, "NAME_UNKNOWN"],
  ["GET", "/v2/A/b/tags/list", 400, "NAME_INVALID"],
  ["GET", `/v2/${"a/".repeat(130)}b/tags/list`, 400, "NAME_INVALID"],
  ["GET", "/v2/a/b/manifests/-bad", 400, "TAG_INVALID"],
  ["GET", "/v2/a/b/manifests/sha256:12", 400, "DIGEST_INVALID"],
  ["GET", "/v2/a/b/blobs/latest", 400, "DIGEST_INVALID"],
  ["GET", "/v2/a/b/referrers/latest", 400, "DIGEST_INVALID"],
  ["PATCH", "/v2/a/b/blobs/uploads/none", 404, "BLOB_UPLOAD_UNKNOWN"],
  ["POST", "/v2/a/b/tags/list", 405, "UNSUPPORTED"],
  ["PUT", "/v2/a/b/manifests/v1", 400, "MANIFEST_INVALID"],
  ["DELETE", `/v2/a/b/manifests/${digestOf("x")}`, 404, "MANIFEST_UNKNOWN"],
  ["DELETE", `/v2/a/b/blobs/${digestOf("x")}`, 404, "BLOB_UNKNOWN"],
])("%s %s answers %i %s", async (method, path, status, code) => {
  const response = await ask(path, { method });
  expect(response.status).toBe(status);
  expect(await codes(response)).toEqual([code]);
});

test("other paths are not found", async () => {
  expect((await ask("/v3/")).status).toBe(404);
});

describe("blobs", () => {
  test.each([
    ["bytes=10-19", 206, 10, 20],
    ["bytes=990-", 206, 990, 1000],
    ["bytes=-5", 206, 995, 1000],
    ["bytes=0-5000", 206, 0, 1000],
    ["bytes=0-1,5-6", 200, 0, 1000],
    ["lines=1-2", 200, 0, 1000],
  ])("range %s", async (range, status, start, end) => {
    const blob = randomBlob(1000);
    await writeBlobs(storageContent(storage, "range/app"), [blob]);
    const response = await ask(`/v2/range/app/blobs/${blob.descriptor.digest}`, { headers: { range } });
    expect(response.status).toBe(status);
    expect(Buffer.from(await response.arrayBuffer()).equals(blob.bytes.subarray(start, end))).toBe(true);
    if (status === 206) expect(response.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/1000`);
  });

  test("a range beyond the end cannot be met", async () => {
    const blob = randomBlob(10);
    await writeBlobs(storageContent(storage, "range/app"), [blob]);
    const path = `/v2/range/app/blobs/${blob.descriptor.digest}`;
    const response = await ask(path, { headers: { range: "bytes=10-" } });
    expect(response.status).toBe(416);
    expect(response.headers.get("content-range")).toBe("bytes */10");
  });

  test("may come in one POST", async () => {
    const { bytes, descriptor } = randomBlob(100);
    const response = await ask(`/v2/post/app/blobs/uploads/?digest=${descriptor.digest}`, {
      method: "POST",
      body: bytes as Uint8Array<ArrayBuffer>,
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("location")).toBe(`/v2/post/app/blobs/${descriptor.digest}`);
  });

  test("are refused with another digest, and the upload is gone", async () => {
    const started = await ask("/v2/wrong/app/blobs/uploads/", { method: "POST" });
    const location = started.headers.get("location")!;
    const put = await ask(`${location}?digest=${digestOf("other")}`, { method: "PUT", body: "content" });
    expect(put.status).toBe(400);
    expect(await codes(put)).toEqual(["DIGEST_INVALID"]);
    expect((await ask(location)).status).toBe(404);
  });

  test("come in pieces that must join", async () => {
    const started = await ask("/v2/piece/app/blobs/uploads/", { method: "POST" });
    const location = started.headers.get("location")!;
    const patch = (range: string, body: string): Promise<Response> =>
      ask(location, { method: "PATCH", body, headers: { "content-range": range } });
    expect((await patch("0-4", "hello")).headers.get("range")).toBe("0-4");
    const gap = await patch("6-6", "!");
    expect(gap.status).toBe(416);
    expect(gap.headers.get("range")).toBe("0-4");
    expect((await patch("5-9", "!")).status).toBe(400);
    expect((await ask(location)).headers.get("range")).toBe("0-4");
    const done = await ask(`${location}?digest=${digestOf("hello!")}`, { method: "PUT", body: "!" });
    expect(done.status).toBe(201);
  });

  test("an upload can be given up", async () => {
    const started = await ask("/v2/cancel/app/blobs/uploads/", { method: "POST" });
    const location = started.headers.get("location")!;
    expect((await ask(location, { method: "DELETE" })).status).toBe(204);
    expect((await ask(location)).status).toBe(404);
  });
});

describe("manifests", () => {
  const put = (
    reference: string,
    body: object | string,
    type: string = mediaTypes.ociManifest,
  ): Promise<Response> =>
    ask(`/v2/manifest/app/manifests/${reference}`, {
      method: "PUT",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": type },
    });

  test("are refused when their parts are missing", async () => {
    const { manifest } = await sampleImage();
    const response = await put("v1", Buffer.from(manifest.bytes).toString());
    expect(response.status).toBe(400);
    expect(await codes(response)).toEqual(["MANIFEST_BLOB_UNKNOWN"]);
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [manifest.descriptor] };
    expect(await codes(await put("v1", index, mediaTypes.ociIndex))).toEqual(["MANIFEST_BLOB_UNKNOWN"]);
  });

  test("are refused when they say to be something else", async () => {
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };
    expect(await codes(await put("v1", index))).toEqual(["MANIFEST_INVALID"]);
  });

  test("are refused under another digest, and above 4 MiB", async () => {
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };
    expect(await codes(await put(digestOf("x"), index, mediaTypes.ociIndex))).toEqual(["DIGEST_INVALID"]);
    expect(await codes(await put("v1", " ".repeat(4 * 1024 * 1024 + 1)))).toEqual(["SIZE_INVALID"]);
  });

  test("with a subject are acknowledged and listed, by type if wanted", async () => {
    const target = storageContent(storage, "manifest/app");
    const image = await sampleImage();
    await writeImage(target, image);
    const { blobs, manifest } = sampleReferrer(image.manifest);
    await writeBlobs(target, blobs);
    const { digest } = image.manifest.descriptor;
    const response = await put(manifest.descriptor.digest, Buffer.from(manifest.bytes).toString());
    expect(response.headers.get("oci-subject")).toBe(digest);
    const list = await ask(`/v2/manifest/app/referrers/${digest}?artifactType=none`);
    expect(list.headers.get("content-type")).toBe(mediaTypes.ociIndex);
    expect(list.headers.get("oci-filters-applied")).toBe("artifactType");
    expect(await list.json()).toMatchObject({ manifests: [] });
    const all = (await (await ask(`/v2/manifest/app/referrers/${digest}`)).json()) as object;
    expect(all).toMatchObject({
      manifests: [{ digest: manifest.descriptor.digest, size: manifest.bytes.length }],
    });
  });
});

test("tags and repositories come in pages", async () => {
  const own = memoryStorage();
  const target = storageContent(own, "page/app");
  const image = await sampleImage();
  await writeImage(target, image, { tags: ["c", "a", "b", "d", "e"] });
  await writeImage(storageContent(own, "page/other"), image);
  const paged = createRegistryServer({ storage: own });
  const { url: base } = await paged.listen();
  try {
    const pages: string[][] = [];
    let next: string | undefined = "/v2/page/app/tags/list?n=2";
    while (next !== undefined) {
      const response: Response = await fetch(`${base}${next}`);
      pages.push(((await response.json()) as { tags: string[] }).tags);
      next = /^<(.*)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
    }
    expect(pages).toEqual([["a", "b"], ["c", "d"], ["e"]]);
    const catalog = await fetch(`${base}/v2/_catalog?n=1&last=page/app`);
    expect(await catalog.json()).toEqual({ repositories: ["page/other"] });
    expect((await fetch(`${base}/v2/page/app/tags/list?n=x`)).status).toBe(400);
    expect(await (await fetch(`${base}/v2/page/app/tags/list?n=0`)).json()).toMatchObject({ tags: [] });
  } finally {
    await paged.close();
  }
});

test("an error of the storage is 500 without its words", async () => {
  const errors: unknown[] = [];
  const broken: RegistryStorage = {
    readOnly: false,
    repositories: () => Promise.reject(new Error("the disk is gone")),
    repository: (name) => memoryStorage().repository(name),
  };
  const failing = createRegistryServer({ storage: broken, onError: (error) => void errors.push(error) });
  const { url: base } = await failing.listen();
  try {
    const response = await fetch(`${base}/v2/_catalog`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("disk");
    expect(errors).toMatchObject([{ message: "the disk is gone" }]);
  } finally {
    await failing.close();
  }
});

describe("accounts", () => {
  test("of an htpasswd file", async () => {
    const accounts = htpasswdAccounts(
      `# comment\nann:${(await hash("secret", 4)).replace("$2b", "$2y")}\n\nben:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n`,
    );
    expect(await accounts.verify("ann", "secret")).toBe(true);
    expect(await accounts.verify("ann", "Secret")).toBe(false);
    expect(await accounts.verify("ben", "secret")).toBe(true);
    expect(await accounts.verify("ben", "other")).toBe(false);
    expect(await accounts.verify("eve", "secret")).toBe(false);
  });

  test.each(["ann", "ann:", "ann:secret", "ann:$apr1$x$y", ":{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="])(
    "the line %j is refused with its number",
    (line) => {
      expect(() => htpasswdAccounts(`\n${line}\n`)).toThrow(/^htpasswd line 2: /);
    },
  );

  test("with plain passwords know no inherited names", async () => {
    const accounts = staticAccounts({ ann: "secret" });
    expect(await accounts.verify("ann", "secret")).toBe(true);
    expect(await accounts.verify("toString", "")).toBe(false);
  });
});
