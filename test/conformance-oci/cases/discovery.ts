import { expect } from "vitest";
import { expectAnswer, json, prepareImage, putManifest, type Answer, type Peer } from "../peer.ts";
import type { ConformanceCase } from "../suite.ts";

const tags = ["1.0", "1.1", "Latest", "_x", "latest"];

async function pushTags(peer: Peer): Promise<void> {
  const manifest = await prepareImage(peer);
  for (const tag of tags.toReversed()) expectAnswer(await putManifest(peer, tag, manifest), 201);
}

function list(peer: Peer, query = ""): Promise<Answer> {
  return peer.ask("GET", `/v2/${peer.repository}/tags/list${query}`);
}

/** Listing tags. */
export const discoveryCases: readonly ConformanceCase[] = [
  {
    name: "tags: GET answers 200 with the name and all tags in byte order (end-8a)",
    async run(peer) {
      await pushTags(peer);
      const answer = await list(peer);
      expectAnswer(answer, 200);
      expect(json(answer)).toEqual({ name: peer.repository, tags });
      expect(answer.headers.get("link")).toBeNull();
    },
  },
  {
    name: "tags: n limits the list, and Link leads through all pages (end-8b)",
    async run(peer) {
      await pushTags(peer);
      const pages: unknown[] = [];
      let next: string | undefined = `/v2/${peer.repository}/tags/list?n=2`;
      for (let count = 0; next !== undefined && count < 5; count++) {
        const answer: Answer = await peer.ask("GET", next);
        expectAnswer(answer, 200);
        pages.push(json(answer)["tags"]);
        next = /^<([^>]+)>; *rel="?next"?$/.exec(answer.headers.get("link") ?? "")?.[1];
      }
      expect(pages).toEqual([tags.slice(0, 2), tags.slice(2, 4), tags.slice(4)]);
    },
  },
  {
    name: "tags: last leaves out everything up to a tag, also one that is not there (end-8b)",
    async run(peer) {
      await pushTags(peer);
      expect(json(await list(peer, "?last=1.1"))["tags"]).toEqual(tags.slice(2));
      expect(json(await list(peer, "?last=1.05&n=1"))["tags"]).toEqual(["1.1"]);
      expect(json(await list(peer, "?last=zzz"))["tags"] ?? []).toEqual([]);
    },
  },
  {
    name: "tags: n=0 gives an empty list without Link (end-8b)",
    async run(peer) {
      await pushTags(peer);
      const answer = await list(peer, "?n=0");
      expectAnswer(answer, 200);
      expect(json(answer)["tags"]).toEqual([]);
      expect(answer.headers.get("link")).toBeNull();
    },
  },
  {
    name: "tags: a page as long as the rest has no Link (end-8b)",
    async run(peer) {
      await pushTags(peer);
      const answer = await list(peer, `?n=${tags.length}`);
      expect(json(answer)["tags"]).toEqual(tags);
      expect(answer.headers.get("link")).toBeNull();
    },
  },
  {
    name: "tags: an unknown repository answers 404 NAME_UNKNOWN (end-8a)",
    async run(peer) {
      expectAnswer(await list(peer), 404, "NAME_UNKNOWN");
    },
  },
];
