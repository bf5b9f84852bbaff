import { expect } from "vitest";
import {
  descriptorOf,
  digestOf,
  expectAnswer,
  header,
  json,
  manifestOf,
  prepareImage,
  pushImage,
  putManifest,
  types,
  type Answer,
  type Peer,
  type TestManifest,
} from "../peer.ts";
import type { ConformanceCase } from "../suite.ts";

function referrers(peer: Peer, digest: string, query = ""): Promise<Answer> {
  return peer.ask("GET", `/v2/${peer.repository}/referrers/${digest}${query}`);
}

async function pushReferrer(
  peer: Peer,
  subject: TestManifest,
  more: Readonly<Record<string, unknown>> = {},
): Promise<TestManifest> {
  const manifest = await prepareImage(peer, { subject: descriptorOf(subject), ...more });
  expectAnswer(await putManifest(peer, manifest.digest, manifest), 201);
  return manifest;
}

const listed = (answer: Answer): Record<string, unknown>[] =>
  json(answer)["manifests"] as Record<string, unknown>[];
const byDigest = (items: readonly Record<string, unknown>[]): Record<string, unknown>[] =>
  items.toSorted((a, b) => String(a["digest"]).localeCompare(String(b["digest"])));

/** Listing what refers to a manifest. */
export const referrersCases: readonly ConformanceCase[] = [
  {
    name: "referrers: a digest without any, known or not, answers 200 with an empty index (end-12a)",
    async run(peer) {
      const { digest } = await pushImage(peer, "v1");
      for (const subject of [digest, digestOf("unknown")]) {
        const answer = await referrers(peer, subject);
        expectAnswer(answer, 200);
        expect(header(answer, "content-type")).toBe(types.index);
        expect(json(answer)).toEqual({ schemaVersion: 2, mediaType: types.index, manifests: [] });
      }
    },
  },
  {
    name: "referrers: lists type, digest, size, artifactType and annotations of images (end-12a)",
    async run(peer) {
      const subject = await pushImage(peer, "v1");
      const annotations = { "org.example": "yes" };
      const typed = await pushReferrer(peer, subject, { artifactType: "application/x.sbom", annotations });
      const untyped = await pushReferrer(peer, subject);
      const answer = await referrers(peer, subject.digest);
      expectAnswer(answer, 200);
      // Without artifactType that of the configuration stands for it.
      const expected = [
        { ...descriptorOf(typed), artifactType: "application/x.sbom", annotations },
        { ...descriptorOf(untyped), artifactType: types.config },
      ];
      expect(byDigest(listed(answer))).toEqual(byDigest(expected));
    },
  },
  {
    name: "referrers: lists indexes, with artifactType only if they have one (end-12a)",
    async run(peer) {
      const subject = await pushImage(peer, "v1");
      const child = [descriptorOf(subject)];
      const common = { manifests: child, subject: descriptorOf(subject) };
      const typed = manifestOf({ ...common, artifactType: "application/x.list" }, types.index);
      const untyped = manifestOf(common, types.index);
      for (const index of [typed, untyped]) expectAnswer(await putManifest(peer, index.digest, index), 201);
      const expected = [
        { ...descriptorOf(typed), artifactType: "application/x.list" },
        descriptorOf(untyped),
      ];
      expect(byDigest(listed(await referrers(peer, subject.digest)))).toEqual(byDigest(expected));
    },
  },
  {
    name: "referrers: artifactType filters, and OCI-Filters-Applied says so (end-12b)",
    async run(peer) {
      const subject = await pushImage(peer, "v1");
      const wanted = await pushReferrer(peer, subject, { artifactType: "application/x.a+json" });
      await pushReferrer(peer, subject, { artifactType: "application/x.b" });
      const answer = await referrers(peer, subject.digest, "?artifactType=application%2Fx.a%2Bjson");
      expect(header(answer, "oci-filters-applied")).toBe("artifactType");
      expect(listed(answer).map((item) => item["digest"])).toEqual([wanted.digest]);
    },
  },
  {
    name: "referrers: without filter there is no OCI-Filters-Applied (end-12a)",
    async run(peer) {
      const subject = await pushImage(peer, "v1");
      const answer = await referrers(peer, subject.digest);
      expectAnswer(answer, 200);
      expect(answer.headers.get("oci-filters-applied")).toBeNull();
    },
  },
  {
    name: "referrers: a referrer may come before its subject (end-12a)",
    async run(peer) {
      const subject = await prepareImage(peer);
      const referrer = await pushReferrer(peer, subject);
      expectAnswer(await putManifest(peer, "v1", subject), 201);
      const digests = listed(await referrers(peer, subject.digest)).map((item) => item["digest"]);
      expect(digests).toEqual([referrer.digest]);
    },
  },
  {
    name: "referrers: one that was deleted is listed no more (end-12a, end-9)",
    async run(peer) {
      const subject = await pushImage(peer, "v1");
      const referrer = await pushReferrer(peer, subject);
      const deleted = await peer.ask("DELETE", `/v2/${peer.repository}/manifests/${referrer.digest}`);
      expectAnswer(deleted, 202);
      expect(listed(await referrers(peer, subject.digest))).toEqual([]);
    },
  },
  {
    name: "referrers: what is no digest is refused with 400 (end-12a)",
    async run(peer) {
      expectAnswer(await referrers(peer, "latest"), 400);
    },
  },
];
