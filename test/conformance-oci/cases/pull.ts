import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import {
  digestOf,
  expectAnswer,
  getBlob,
  getManifest,
  header,
  json,
  pushBlob,
  pushImage,
  types,
} from "../peer.ts";
import type { ConformanceCase } from "../suite.ts";

/** Reading manifests and blobs. */
export const pullCases: readonly ConformanceCase[] = [
  {
    name: "support: GET /v2/ answers 200 (end-1)",
    async run(peer) {
      expectAnswer(await peer.ask("GET", "/v2/"), 200);
    },
  },
  {
    name: "pull: GET of a manifest by digest or tag gives the bytes that were pushed (end-3)",
    async run(peer) {
      const manifest = await pushImage(peer, "v1", { "org.example.unknown": { keep: ["me", 1.0] } });
      for (const reference of [manifest.digest, "v1"]) {
        const answer = await getManifest(peer, reference);
        expectAnswer(answer, 200);
        expect(answer.bytes.equals(manifest.bytes)).toBe(true);
      }
    },
  },
  {
    name: "pull: the Content-Type of a manifest is the one it was pushed with (end-3)",
    async run(peer) {
      await pushImage(peer, "v1");
      expect(header(await getManifest(peer, "v1"), "content-type")).toBe(types.manifest);
    },
  },
  {
    name: "pull: Docker-Content-Digest of a manifest is its digest (end-3)",
    async run(peer) {
      const { digest } = await pushImage(peer, "v1");
      for (const reference of [digest, "v1"]) {
        expect(header(await getManifest(peer, reference), "docker-content-digest")).toBe(digest);
      }
    },
  },
  {
    name: "pull: HEAD of a manifest says what GET would, without content (end-3)",
    async run(peer) {
      const { digest, bytes } = await pushImage(peer, "v1");
      const answer = await getManifest(peer, "v1", "HEAD");
      expectAnswer(answer, 200);
      expect(answer.bytes.length).toBe(0);
      expect(header(answer, "content-length")).toBe(`${bytes.length}`);
      expect(header(answer, "docker-content-digest")).toBe(digest);
      expect(header(answer, "content-type")).toBe(types.manifest);
    },
  },
  {
    name: "pull: GET of an unknown manifest answers 404 MANIFEST_UNKNOWN (end-3)",
    async run(peer) {
      await pushImage(peer, "v1");
      expectAnswer(await getManifest(peer, "v2"), 404, "MANIFEST_UNKNOWN");
      expectAnswer(await getManifest(peer, digestOf("none")), 404, "MANIFEST_UNKNOWN");
    },
  },
  {
    name: "pull: HEAD of an unknown manifest answers 404 without content (end-3)",
    async run(peer) {
      const answer = await getManifest(peer, "none", "HEAD");
      expectAnswer(answer, 404);
      expect(answer.bytes.length).toBe(0);
    },
  },
  {
    name: "pull: GET of a manifest of an unknown repository answers 404 (end-3)",
    async run(peer) {
      expectAnswer(await getManifest(peer, "v1"), 404, "MANIFEST_UNKNOWN", "NAME_UNKNOWN");
    },
  },
  {
    name: "pull: GET of a blob gives its bytes with Content-Length (end-2)",
    async run(peer) {
      const bytes = randomBytes(70_000);
      const answer = await getBlob(peer, await pushBlob(peer, bytes));
      expectAnswer(answer, 200);
      expect(answer.bytes.equals(bytes)).toBe(true);
      expect(header(answer, "content-length")).toBe("70000");
    },
  },
  {
    name: "pull: Docker-Content-Digest of a blob is its digest (end-2)",
    async run(peer) {
      const digest = await pushBlob(peer);
      for (const method of ["GET", "HEAD"]) {
        expect(header(await getBlob(peer, digest, method), "docker-content-digest")).toBe(digest);
      }
    },
  },
  {
    name: "pull: HEAD of a blob says its length without content (end-2)",
    async run(peer) {
      const answer = await getBlob(peer, await pushBlob(peer), "HEAD");
      expectAnswer(answer, 200);
      expect(answer.bytes.length).toBe(0);
      expect(header(answer, "content-length")).toBe("200");
    },
  },
  {
    name: "pull: an unknown blob answers 404 BLOB_UNKNOWN, to HEAD without content (end-2)",
    async run(peer) {
      await pushBlob(peer);
      expectAnswer(await getBlob(peer, digestOf("none")), 404, "BLOB_UNKNOWN");
      const head = await getBlob(peer, digestOf("none"), "HEAD");
      expectAnswer(head, 404);
      expect(head.bytes.length).toBe(0);
    },
  },
  rangeCase("bytes=10-19", 10, 20),
  rangeCase("bytes=190-", 190, 200),
  rangeCase("bytes=-7", 193, 200),
  rangeCase("bytes=150-999", 150, 200),
  {
    name: "pull: a Range behind the end of a blob answers 416 (end-2)",
    async run(peer) {
      const target = `/v2/${peer.repository}/blobs/${await pushBlob(peer)}`;
      expectAnswer(await peer.ask("GET", target, { headers: { range: "bytes=200-" } }), 416);
    },
  },
  {
    name: "errors: the body is JSON with a code and a message",
    async run(peer) {
      const answer = await getBlob(peer, digestOf("none"));
      expect(header(answer, "content-type")).toMatch(/^application\/json/);
      const { errors } = json(answer) as { errors: Record<string, unknown>[] };
      expect(errors).toHaveLength(1);
      expect(errors[0]!["code"]).toMatch(/^[A-Z_]+$/);
      expect(typeof errors[0]!["message"]).toBe("string");
    },
  },
  {
    name: "errors: a name that is none is not found or refused, never served (end-3)",
    async run(peer) {
      const { status } = await peer.ask("GET", "/v2/Upper/Case/manifests/v1");
      expect([400, 404]).toContain(status);
    },
  },
  {
    name: "errors: a digest that is none is refused with DIGEST_INVALID or not found (end-2)",
    async run(peer) {
      const { status } = await getBlob(peer, "sha256:12");
      expect([400, 404]).toContain(status);
    },
  },
];

function rangeCase(range: string, start: number, end: number): ConformanceCase {
  return {
    name: `pull: Range ${range} of a blob answers 206 with that part (end-2)`,
    async run(peer) {
      const bytes = randomBytes(200);
      const digest = await pushBlob(peer, bytes);
      const answer = await peer.ask("GET", `/v2/${peer.repository}/blobs/${digest}`, { headers: { range } });
      expectAnswer(answer, 206);
      expect(answer.bytes.equals(bytes.subarray(start, end))).toBe(true);
      expect(header(answer, "content-range")).toBe(`bytes ${start}-${end - 1}/200`);
    },
  };
}
