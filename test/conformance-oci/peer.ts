import { createHash, randomBytes } from "node:crypto";
import { expect } from "vitest";

/** An answer of a registry, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/** A request's content and headers. */
export interface Message {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>;
}

/** A registry as a case sees it: requests, and a repository that no other case uses. */
export interface Peer {
  readonly repository: string;
  /** Another one beside it. */
  readonly other: string;
  /** Sends a request; the target is a path, or a Location that the registry gave. */
  ask(method: string, target: string, message?: Message): Promise<Answer>;
  /** Ends the registry's process or server and starts it again on the same content; undefined where nothing outlives it. */
  readonly restart: (() => Promise<void>) | undefined;
}

/** Makes a peer of a registry at an address, which may change with a restart. */
export function createPeer(
  baseUrl: () => string,
  name: string,
  restart: (() => Promise<void>) | undefined,
): Peer {
  return {
    repository: `conformance/${name}`,
    other: `conformance/${name}/other`,
    restart,
    async ask(method, target, { headers = {}, body } = {}) {
      const url = new URL(target, baseUrl());
      // A stream goes without Content-Length.
      const isStream = body !== undefined && typeof body !== "string" && !(body instanceof Uint8Array);
      // The types of fetch know neither streams of the language nor `duplex`, which streams need.
      const init: object = { body, ...(isStream ? { duplex: "half" } : {}) };
      const response = await fetch(url, { method, headers, redirect: "manual", ...init });
      const { status } = response;
      return { status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
    },
  };
}

export const types = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  empty: "application/vnd.oci.empty.v1+json",
} as const;

/** The digest of bytes. */
export function digestOf(bytes: Uint8Array | string, algorithm = "sha256"): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

/** The answer's JSON. */
export function json(answer: Answer): Record<string, unknown> {
  return JSON.parse(answer.bytes.toString("utf8")) as Record<string, unknown>;
}

/** Expects a status, and for errors one of the codes in the body that the specification prescribes. */
export function expectAnswer(answer: Answer, status: number, ...codes: readonly string[]): void {
  expect(`${answer.status}`).toBe(`${status}`);
  if (codes.length === 0) return;
  const { errors } = json(answer) as { errors: { code: string }[] };
  expect(codes).toContain(errors[0]?.code);
}

/** A header that has to be there. */
export function header(answer: Answer, name: string): string {
  const value = answer.headers.get(name);
  expect({ [name]: value !== null }).toEqual({ [name]: true });
  return value!;
}

/** A Location with one more parameter, whatever it has already. */
export function withDigest(location: string, digest: string): string {
  return `${location}${location.includes("?") ? "&" : "?"}digest=${encodeURIComponent(digest)}`;
}

/** Begins an upload; returns its Location. */
export async function startUpload(peer: Peer): Promise<string> {
  const answer = await peer.ask("POST", `/v2/${peer.repository}/blobs/uploads/`);
  expectAnswer(answer, 202);
  return header(answer, "location");
}

/** Sends one chunk of an upload. */
export function patch(
  peer: Peer,
  location: string,
  bytes: Uint8Array,
  range: string | undefined,
): Promise<Answer> {
  return peer.ask("PATCH", location, {
    headers: {
      "content-type": "application/octet-stream",
      ...(range === undefined ? {} : { "content-range": range }),
    },
    body: bytes,
  });
}

/** Pushes a blob in one piece; returns its digest. */
export async function pushBlob(peer: Peer, bytes: Uint8Array = randomBytes(200)): Promise<string> {
  const digest = digestOf(bytes);
  const put = await peer.ask("PUT", withDigest(await startUpload(peer), digest), {
    headers: { "content-type": "application/octet-stream" },
    body: bytes,
  });
  expectAnswer(put, 201);
  return digest;
}

/** A manifest as it is pushed. */
export interface TestManifest {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly type: string;
}

/** The bytes of a manifest. */
export function manifestOf(content: Readonly<Record<string, unknown>>, type: string): TestManifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, ...content }));
  return { bytes, digest: digestOf(bytes), type };
}

/** A manifest as other manifests point to it. */
export function descriptorOf(manifest: TestManifest): Record<string, unknown> {
  return { mediaType: manifest.type, digest: manifest.digest, size: manifest.bytes.length };
}

/** Pushes the blobs of an image that is unlike all others and returns its manifest, which is not pushed. */
export async function prepareImage(
  peer: Peer,
  more: Readonly<Record<string, unknown>> = {},
): Promise<TestManifest> {
  const config = Buffer.from(
    JSON.stringify({ architecture: "amd64", os: "linux", id: randomBytes(8).toString("hex") }),
  );
  const layer = randomBytes(300);
  return manifestOf(
    {
      config: { mediaType: types.config, digest: await pushBlob(peer, config), size: config.length },
      layers: [{ mediaType: types.layer, digest: await pushBlob(peer, layer), size: layer.length }],
      ...more,
    },
    types.manifest,
  );
}

/** Sends a manifest. */
export function putManifest(peer: Peer, reference: string, manifest: TestManifest): Promise<Answer> {
  return peer.ask("PUT", `/v2/${peer.repository}/manifests/${reference}`, {
    headers: { "content-type": manifest.type },
    body: manifest.bytes,
  });
}

/** Pushes an image under a tag or, without one, under its digest. */
export async function pushImage(
  peer: Peer,
  tag?: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<TestManifest> {
  const manifest = await prepareImage(peer, more);
  expectAnswer(await putManifest(peer, tag ?? manifest.digest, manifest), 201);
  return manifest;
}

/** Asks for a manifest with the types that clients accept. */
export function getManifest(peer: Peer, reference: string, method = "GET"): Promise<Answer> {
  return peer.ask(method, `/v2/${peer.repository}/manifests/${reference}`, {
    headers: { accept: `${types.manifest}, ${types.index}` },
  });
}

/** Asks for a blob of the peer's repository. */
export function getBlob(peer: Peer, digest: string, method = "GET"): Promise<Answer> {
  return peer.ask(method, `/v2/${peer.repository}/blobs/${digest}`);
}
