import { expect } from "vitest";
import {
  digestOf,
  expectAnswer,
  getBlob,
  getManifest,
  json,
  pushBlob,
  pushImage,
  putManifest,
  type Answer,
  type Peer,
} from "../peer.ts";
import type { ConformanceCase } from "../suite.ts";

function remove(peer: Peer, kind: "manifests" | "blobs", reference: string): Promise<Answer> {
  return peer.ask("DELETE", `/v2/${peer.repository}/${kind}/${reference}`);
}

/** Deleting. */
export const managementCases: readonly ConformanceCase[] = [
  {
    name: "delete: a tag answers 202 and is gone, its manifest and other tags stay (end-9)",
    async run(peer) {
      const manifest = await pushImage(peer, "v1");
      expectAnswer(await putManifest(peer, "v2", manifest), 201);
      expectAnswer(await remove(peer, "manifests", "v1"), 202);
      expectAnswer(await getManifest(peer, "v1"), 404, "MANIFEST_UNKNOWN");
      expectAnswer(await getManifest(peer, "v2"), 200);
      expectAnswer(await getManifest(peer, manifest.digest), 200);
      expect(json(await peer.ask("GET", `/v2/${peer.repository}/tags/list`))["tags"]).toEqual(["v2"]);
    },
  },
  {
    name: "delete: an unknown tag answers 404 (end-9)",
    async run(peer) {
      await pushImage(peer, "v1");
      expectAnswer(await remove(peer, "manifests", "v2"), 404, "MANIFEST_UNKNOWN");
    },
  },
  {
    name: "delete: a manifest answers 202 and is gone (end-9)",
    async run(peer) {
      const { digest } = await pushImage(peer);
      expectAnswer(await remove(peer, "manifests", digest), 202);
      expectAnswer(await getManifest(peer, digest), 404, "MANIFEST_UNKNOWN");
      expectAnswer(await remove(peer, "manifests", digest), 404);
    },
  },
  {
    name: "delete: with a manifest its tags go (end-9)",
    async run(peer) {
      const kept = await pushImage(peer, "kept");
      const { digest } = await pushImage(peer, "gone");
      expectAnswer(await remove(peer, "manifests", digest), 202);
      expectAnswer(await getManifest(peer, "gone"), 404);
      expect(json(await peer.ask("GET", `/v2/${peer.repository}/tags/list`))["tags"]).toEqual(["kept"]);
      expectAnswer(await getManifest(peer, kept.digest), 200);
    },
  },
  {
    name: "delete: a blob answers 202 and is gone (end-10)",
    async run(peer) {
      const digest = await pushBlob(peer);
      expectAnswer(await remove(peer, "blobs", digest), 202);
      expectAnswer(await getBlob(peer, digest), 404, "BLOB_UNKNOWN");
      expectAnswer(await getBlob(peer, digest, "HEAD"), 404);
    },
  },
  {
    name: "delete: an unknown blob answers 404 BLOB_UNKNOWN (end-10)",
    async run(peer) {
      await pushBlob(peer);
      expectAnswer(await remove(peer, "blobs", digestOf("none")), 404, "BLOB_UNKNOWN");
    },
  },
];
