import { expect } from "vitest";
import {
  descriptorOf,
  digestOf,
  expectAnswer,
  getManifest,
  header,
  manifestOf,
  prepareImage,
  pushBlob,
  pushImage,
  putManifest,
  types,
  type Peer,
  type TestManifest,
} from "../peer.ts";
import type { ConformanceCase } from "../suite.ts";

const mib = 1024 * 1024;

/** An image whose manifest has exactly so many bytes. */
async function imageOfSize(peer: Peer, size: number): Promise<TestManifest> {
  const empty = await prepareImage(peer, { annotations: { padding: "" } });
  const content = JSON.parse(empty.bytes.toString("utf8")) as Record<string, unknown>;
  const padding = "x".repeat(size - empty.bytes.length);
  return manifestOf({ ...content, annotations: { padding } }, types.manifest);
}

/** Writing manifests. */
export const manifestPushCases: readonly ConformanceCase[] = [
  {
    name: "push: PUT of a manifest by tag or digest answers 201 with a Location to read it from (end-7)",
    async run(peer) {
      const manifest = await prepareImage(peer);
      for (const reference of ["v1", manifest.digest]) {
        const answer = await putManifest(peer, reference, manifest);
        expectAnswer(answer, 201);
        const located = await peer.ask("GET", header(answer, "location"), {
          headers: { accept: types.manifest },
        });
        expect(located.bytes.equals(manifest.bytes)).toBe(true);
      }
    },
  },
  {
    name: "push: Docker-Content-Digest of a pushed manifest is its digest (end-7)",
    async run(peer) {
      const manifest = await prepareImage(peer);
      const answer = await putManifest(peer, "v1", manifest);
      expect(header(answer, "docker-content-digest")).toBe(manifest.digest);
    },
  },
  {
    name: "push: a manifest under another digest is refused with DIGEST_INVALID (end-7)",
    async run(peer) {
      const manifest = await prepareImage(peer);
      const wrong = digestOf("something else");
      expectAnswer(await putManifest(peer, wrong, manifest), 400, "DIGEST_INVALID");
      expectAnswer(await getManifest(peer, wrong), 404);
    },
  },
  {
    name: "push: a manifest may have a sha512 digest (end-7, end-3)",
    async run(peer) {
      const manifest = await prepareImage(peer);
      const digest = digestOf(manifest.bytes, "sha512");
      expectAnswer(await putManifest(peer, digest, manifest), 201);
      expect((await getManifest(peer, digest)).bytes.equals(manifest.bytes)).toBe(true);
    },
  },
  {
    name: "push: a manifest of 4 MiB is accepted (end-7)",
    async run(peer) {
      const manifest = await imageOfSize(peer, 4 * mib);
      expectAnswer(await putManifest(peer, "large", manifest), 201);
      expect((await getManifest(peer, "large")).bytes.equals(manifest.bytes)).toBe(true);
    },
  },
  {
    name: "push: a manifest above the limit answers 413 (end-7)",
    async run(peer) {
      expectAnswer(await putManifest(peer, "large", await imageOfSize(peer, 32 * mib)), 413);
    },
  },
  {
    name: "push: a manifest that points to unknown blobs is refused with MANIFEST_BLOB_UNKNOWN (end-7)",
    async run(peer) {
      const layer = { mediaType: types.layer, digest: digestOf("nowhere"), size: 7 };
      const manifest = await prepareImage(peer, { layers: [layer] });
      const answer = await putManifest(peer, "v1", manifest);
      expect([400, 404]).toContain(answer.status);
      expectAnswer(answer, answer.status, "MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN");
      expectAnswer(await getManifest(peer, "v1"), 404);
    },
  },
  {
    name: "push: an index that points to unknown manifests is refused (end-7)",
    async run(peer) {
      const child = await prepareImage(peer);
      const index = manifestOf({ manifests: [descriptorOf(child)] }, types.index);
      const answer = await putManifest(peer, "v1", index);
      expect([400, 404]).toContain(answer.status);
      expectAnswer(answer, answer.status, "MANIFEST_BLOB_UNKNOWN", "MANIFEST_UNKNOWN", "BLOB_UNKNOWN");
    },
  },
  {
    name: "push: what is no manifest is refused with MANIFEST_INVALID (end-7)",
    async run(peer) {
      await pushBlob(peer);
      const bytes = Buffer.from("{");
      const manifest = { bytes, digest: digestOf(bytes), type: types.manifest };
      expectAnswer(await putManifest(peer, "v1", manifest), 400, "MANIFEST_INVALID");
    },
  },
  {
    name: "push: an index, also of an index, comes back as it was (end-7, end-3)",
    async run(peer) {
      const child = await pushImage(peer);
      const inner = manifestOf({ manifests: [descriptorOf(child)] }, types.index);
      const outer = manifestOf(
        { manifests: [descriptorOf(inner)], annotations: { level: "2" } },
        types.index,
      );
      for (const index of [inner, outer]) {
        expectAnswer(await putManifest(peer, index.digest, index), 201);
        expect((await getManifest(peer, index.digest)).bytes.equals(index.bytes)).toBe(true);
      }
    },
  },
  {
    name: "push: an image may have no layers and an artifactType (end-7)",
    async run(peer) {
      const config = Buffer.from("{}");
      const digest = await pushBlob(peer, config);
      const artefact = manifestOf(
        {
          artifactType: "application/x.example",
          config: { mediaType: types.empty, digest, size: 2 },
          layers: [],
        },
        types.manifest,
      );
      expectAnswer(await putManifest(peer, "artefact", artefact), 201);
    },
  },
  {
    name: "push: layers that only their publisher hands out need not be there (end-7)",
    async run(peer) {
      const type = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
      const layer = {
        mediaType: type,
        digest: digestOf("elsewhere"),
        size: 9,
        urls: ["https://example.com/x"],
      };
      expectAnswer(await putManifest(peer, "v1", await prepareImage(peer, { layers: [layer] })), 201);
    },
  },
  {
    name: "push: a tag moves to another manifest, and the old one stays under its digest (end-7)",
    async run(peer) {
      const old = await pushImage(peer, "v1");
      const next = await pushImage(peer, "v1");
      expect((await getManifest(peer, "v1")).bytes.equals(next.bytes)).toBe(true);
      expectAnswer(await getManifest(peer, old.digest), 200);
    },
  },
  {
    name: "push: a tag out of form is refused (end-7)",
    async run(peer) {
      const answer = await putManifest(peer, `x${"y".repeat(128)}`, await prepareImage(peer));
      expect([400, 404]).toContain(answer.status);
    },
  },
  {
    name: "push: a manifest with a subject answers with OCI-Subject (end-7)",
    async run(peer) {
      const subject = await pushImage(peer, "v1");
      const referrer = await prepareImage(peer, { subject: descriptorOf(subject) });
      const answer = await putManifest(peer, referrer.digest, referrer);
      expectAnswer(answer, 201);
      expect(header(answer, "oci-subject")).toBe(subject.digest);
    },
  },
  {
    name: "push: a manifest whose subject is not there is accepted (end-7)",
    async run(peer) {
      const subject = { mediaType: types.manifest, digest: digestOf("later"), size: 5 };
      const referrer = await prepareImage(peer, { subject });
      expectAnswer(await putManifest(peer, referrer.digest, referrer), 201);
    },
  },
  {
    name: "push: tags as parameters of a PUT by digest are set and named in OCI-Tag (end-7, after 1.1)",
    async run(peer) {
      const manifest = await prepareImage(peer);
      const answer = await putManifest(peer, `${manifest.digest}?tag=v1&tag=latest`, manifest);
      expectAnswer(answer, 201);
      expect(header(answer, "oci-tag").split(", ")).toEqual(["v1", "latest"]);
      expect((await getManifest(peer, "latest")).bytes.equals(manifest.bytes)).toBe(true);
    },
  },
];
