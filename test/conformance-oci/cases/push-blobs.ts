import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import {
  digestOf,
  expectAnswer,
  getBlob,
  header,
  patch,
  pushBlob,
  startUpload,
  withDigest,
  type Answer,
  type Peer,
} from "../peer.ts";
import type { ConformanceCase } from "../suite.ts";

const octets = { "content-type": "application/octet-stream" };

/** Expects that an upload has ended well: 201, and a Location to read the blob from. */
async function expectStored(peer: Peer, answer: Answer, digest: string, bytes: Uint8Array): Promise<void> {
  expectAnswer(answer, 201);
  const located = await peer.ask("GET", header(answer, "location"));
  expectAnswer(located, 200);
  expect(located.bytes.equals(bytes)).toBe(true);
  const named = await getBlob(peer, digest);
  expect(named.bytes.equals(bytes)).toBe(true);
}

function mount(peer: Peer, digest: string, from?: string): Promise<Answer> {
  const query = `mount=${encodeURIComponent(digest)}${from === undefined ? "" : `&from=${from}`}`;
  return peer.ask("POST", `/v2/${peer.other}/blobs/uploads/?${query}`);
}

/** Writing blobs: in one request, in two, in chunks, and by mounting. */
export const blobPushCases: readonly ConformanceCase[] = [
  {
    name: "push: POST answers 202 with a Location, PUT of all content 201 with the blob's (end-4a, end-6)",
    async run(peer) {
      const bytes = randomBytes(50_000);
      const digest = digestOf(bytes);
      const location = withDigest(await startUpload(peer), digest);
      await expectStored(
        peer,
        await peer.ask("PUT", location, { headers: octets, body: bytes }),
        digest,
        bytes,
      );
    },
  },
  {
    name: "push: one POST with digest and content answers 201, or 202 and goes on as an upload (end-4b)",
    async run(peer) {
      const bytes = randomBytes(5000);
      const digest = digestOf(bytes);
      const target = `/v2/${peer.repository}/blobs/uploads/?digest=${digest}`;
      let answer = await peer.ask("POST", target, { headers: octets, body: bytes });
      if (answer.status === 202) {
        const location = withDigest(header(answer, "location"), digest);
        answer = await peer.ask("PUT", location, { headers: octets, body: bytes });
      }
      await expectStored(peer, answer, digest, bytes);
    },
  },
  {
    name: "push: chunks answer 202 with Location and the Range so far; an empty PUT closes the upload (end-5, end-6)",
    async run(peer) {
      const bytes = randomBytes(10_000);
      const digest = digestOf(bytes);
      const first = await patch(peer, await startUpload(peer), bytes.subarray(0, 4000), "0-3999");
      expectAnswer(first, 202);
      expect(header(first, "range")).toBe("0-3999");
      const second = await patch(peer, header(first, "location"), bytes.subarray(4000), "4000-9999");
      expectAnswer(second, 202);
      expect(header(second, "range")).toBe("0-9999");
      const closing = withDigest(header(second, "location"), digest);
      const done = await peer.ask("PUT", closing);
      await expectStored(peer, done, digest, bytes);
    },
  },
  {
    name: "push: closing a chunked upload with the last chunk in the PUT (end-6)",
    async run(peer) {
      const bytes = randomBytes(6000);
      const digest = digestOf(bytes);
      const first = await patch(peer, await startUpload(peer), bytes.subarray(0, 5000), "0-4999");
      const done = await peer.ask("PUT", withDigest(header(first, "location"), digest), {
        headers: { ...octets, "content-range": "5000-5999" },
        body: bytes.subarray(5000),
      });
      await expectStored(peer, done, digest, bytes);
    },
  },
  {
    name: "push: one PATCH without Content-Range and without length streams the content (end-5)",
    async run(peer) {
      const bytes = randomBytes(30_000);
      const digest = digestOf(bytes);
      const body = (async function* () {
        for (let offset = 0; offset < bytes.length; offset += 7000)
          yield bytes.subarray(offset, offset + 7000);
      })();
      const streamed = await peer.ask("PATCH", await startUpload(peer), { headers: octets, body });
      expectAnswer(streamed, 202);
      const closing = withDigest(header(streamed, "location"), digest);
      await expectStored(peer, await peer.ask("PUT", closing, { headers: octets }), digest, bytes);
    },
  },
  wrongChunkCase("with a gap", 4001, 5000),
  wrongChunkCase("that came already", 0, 3999),
  {
    name: "push: the first chunk of an upload has to begin at 0, else 416 (end-5)",
    async run(peer) {
      expectAnswer(await patch(peer, await startUpload(peer), randomBytes(10), "5-14"), 416);
    },
  },
  {
    name: "push: GET of an upload answers 204 with Location and Range (end-13)",
    async run(peer) {
      const first = await patch(peer, await startUpload(peer), randomBytes(1500), "0-1499");
      const status = await peer.ask("GET", header(first, "location"));
      expectAnswer(status, 204);
      expect(header(status, "range")).toBe("0-1499");
      expect(header(status, "location")).not.toBe("");
    },
  },
  {
    name: "push: an upload that was cancelled with DELETE (204) is unknown (end-14)",
    async run(peer) {
      const first = await patch(peer, await startUpload(peer), randomBytes(100), "0-99");
      const location = header(first, "location");
      expectAnswer(await peer.ask("DELETE", location), 204);
      expectAnswer(await peer.ask("GET", location), 404, "BLOB_UPLOAD_UNKNOWN");
    },
  },
  {
    name: "push: an unknown upload answers 404 BLOB_UPLOAD_UNKNOWN (end-5, end-6, end-13)",
    async run(peer) {
      const location = await startUpload(peer);
      expectAnswer(await peer.ask("DELETE", location), 204);
      expectAnswer(await patch(peer, location, randomBytes(10), "0-9"), 404, "BLOB_UPLOAD_UNKNOWN");
      const put = await peer.ask("PUT", withDigest(location, digestOf("x")), { headers: octets, body: "x" });
      expectAnswer(put, 404, "BLOB_UPLOAD_UNKNOWN");
    },
  },
  {
    name: "push: content with another digest is refused with DIGEST_INVALID and stored under none (end-6)",
    async run(peer) {
      const bytes = randomBytes(100);
      const claimed = digestOf("something else");
      const put = await peer.ask("PUT", withDigest(await startUpload(peer), claimed), {
        headers: octets,
        body: bytes,
      });
      expectAnswer(put, 400, "DIGEST_INVALID");
      expectAnswer(await getBlob(peer, claimed), 404);
      expectAnswer(await getBlob(peer, digestOf(bytes)), 404);
    },
  },
  {
    name: "push: a PUT without digest does not close an upload (end-6)",
    async run(peer) {
      const put = await peer.ask("PUT", await startUpload(peer), { headers: octets, body: "content" });
      expectAnswer(put, 400, "DIGEST_INVALID");
    },
  },
  {
    name: "push: a blob that is there already can be pushed again (end-6)",
    async run(peer) {
      const bytes = randomBytes(100);
      expect(await pushBlob(peer, bytes)).toBe(await pushBlob(peer, bytes));
    },
  },
  {
    name: "push: a blob may be empty (end-6)",
    async run(peer) {
      const digest = await pushBlob(peer, new Uint8Array(0));
      const answer = await getBlob(peer, digest);
      expectAnswer(answer, 200);
      expect(answer.bytes.length).toBe(0);
    },
  },
  {
    name: "push: a blob may have a sha512 digest (end-6, end-2)",
    async run(peer) {
      const bytes = randomBytes(100);
      const digest = digestOf(bytes, "sha512");
      const location = withDigest(await startUpload(peer), digest);
      await expectStored(
        peer,
        await peer.ask("PUT", location, { headers: octets, body: bytes }),
        digest,
        bytes,
      );
    },
  },
  {
    name: "push: an upload goes on after the registry was started again (end-13, end-5, end-6)",
    needsRestart: true,
    async run(peer) {
      const bytes = randomBytes(9000);
      const digest = digestOf(bytes);
      const first = await patch(peer, await startUpload(peer), bytes.subarray(0, 5000), "0-4999");
      const { pathname, search } = new URL(header(first, "location"), "http://registry");
      await peer.restart!();
      const status = await peer.ask("GET", `${pathname}${search}`);
      expectAnswer(status, 204);
      expect(header(status, "range")).toBe("0-4999");
      const rest = await patch(peer, header(status, "location"), bytes.subarray(5000), "5000-8999");
      const closing = withDigest(header(rest, "location"), digest);
      await expectStored(peer, await peer.ask("PUT", closing), digest, bytes);
    },
  },
  {
    name: "mount: a blob of another repository answers 201 with its Location (end-11)",
    async run(peer) {
      const bytes = randomBytes(100);
      const digest = await pushBlob(peer, bytes);
      const answer = await mount(peer, digest, peer.repository);
      await expectStored({ ...peer, repository: peer.other }, answer, digest, bytes);
    },
  },
  {
    name: "mount: a blob that the other repository does not have begins an upload with 202 (end-11)",
    async run(peer) {
      await pushBlob(peer);
      const bytes = randomBytes(50);
      const digest = digestOf(bytes);
      const answer = await mount(peer, digest, peer.repository);
      expectAnswer(answer, 202);
      const put = await peer.ask("PUT", withDigest(header(answer, "location"), digest), {
        headers: octets,
        body: bytes,
      });
      await expectStored({ ...peer, repository: peer.other }, put, digest, bytes);
    },
  },
  {
    name: "mount: without a repository to mount from, any that has the blob will do (end-11)",
    async run(peer) {
      const bytes = randomBytes(100);
      const digest = await pushBlob(peer, bytes);
      await expectStored({ ...peer, repository: peer.other }, await mount(peer, digest), digest, bytes);
    },
  },
  {
    name: "mount: without a repository, a blob that nobody has begins an upload with 202 (end-11)",
    async run(peer) {
      const answer = await mount(peer, digestOf(randomBytes(9)));
      expectAnswer(answer, 202);
      header(answer, "location");
    },
  },
];

function wrongChunkCase(what: string, start: number, end: number): ConformanceCase {
  return {
    name: `push: a chunk ${what} answers 416, and the upload goes on from where it was (end-5, end-13)`,
    async run(peer) {
      const bytes = randomBytes(6000);
      const first = await patch(peer, await startUpload(peer), bytes.subarray(0, 4000), "0-3999");
      const location = header(first, "location");
      const wrong = await patch(peer, location, bytes.subarray(start, end + 1), `${start}-${end}`);
      expectAnswer(wrong, 416);
      const status = await peer.ask("GET", location);
      expectAnswer(status, 204);
      expect(header(status, "range")).toBe("0-3999");
      const rest = await patch(peer, header(status, "location"), bytes.subarray(4000), "4000-5999");
      const closing = withDigest(header(rest, "location"), digestOf(bytes));
      await expectStored(peer, await peer.ask("PUT", closing), digestOf(bytes), bytes);
    },
  };
}
