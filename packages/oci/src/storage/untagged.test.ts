import fc from "fast-check";
import { expect, test } from "vitest";
import type { Digest } from "../digest.ts";
import { digestOf } from "../digest.ts";
import type { Descriptor, IndexManifest } from "../manifest.ts";
import { mediaTypes } from "../media-types.ts";
import { removeUntagged } from "./untagged.ts";

const digests = Array.from({ length: 12 }, (_, index) => digestOf(`${index}`));
const descriptor = (index: number): Descriptor => ({
  mediaType: mediaTypes.ociManifest,
  digest: digests[index]!,
  size: 1,
});

/** Manifests that point to earlier ones only, as digests force them to; the first of them points to one that is not there. */
const repositories = fc
  .array(
    fc.record({
      children: fc.array(fc.nat(), { maxLength: 3 }),
      subject: fc.option(fc.nat(), { nil: undefined }),
      isTagged: fc.boolean(),
      isInUse: fc.boolean(),
    }),
    { maxLength: digests.length - 1 },
  )
  .map((drafts) =>
    drafts.map((draft, index) => {
      const earlier = (number: number): Descriptor => descriptor(number % (index + 1));
      const manifest: IndexManifest = {
        kind: "index",
        mediaType: mediaTypes.ociIndex,
        manifests: draft.children.map(earlier),
        ...(draft.subject === undefined ? {} : { subject: earlier(draft.subject) }),
      };
      return { ...draft, digest: digests[index + 1]!, manifest };
    }),
  );

test("what stays is what a tag or a manifest in use leads to, whole", async () => {
  await fc.assert(
    fc.asyncProperty(repositories, async (entries) => {
      const manifests = new Map(entries.map(({ digest, manifest }) => [digest, manifest]));
      const of = (key: "isTagged" | "isInUse"): Digest[] =>
        entries.flatMap((entry) => (entry[key] ? [entry.digest] : []));
      const removed: Digest[] = [];
      const kept = await removeUntagged(manifests, of("isTagged"), (digest) => {
        const isInUse = of("isInUse").includes(digest);
        if (!isInUse) removed.push(digest);
        return Promise.resolve(!isInUse);
      });

      const leadsFrom = (start: readonly Digest[]): ReadonlySet<Digest> => {
        const reached = new Set<Digest>();
        for (const from of start) visit(from);
        return reached;
        function visit(from: Digest): void {
          for (const { digest, manifest } of entries) {
            const isReferrer = manifest.subject?.digest === from;
            const parts = digest === from ? manifest.manifests.map((part) => part.digest) : [];
            for (const next of isReferrer ? [digest, ...parts] : parts) {
              if (reached.has(next)) continue;
              reached.add(next);
              visit(next);
            }
          }
        }
      };
      const inCircles = [...manifests.keys()].filter((digest) => leadsFrom([digest]).has(digest));
      const start = [...of("isTagged"), ...of("isInUse"), ...inCircles];
      const expected = new Set([...start, ...leadsFrom(start)]);
      const [stay, go] = [true, false].map((wanted) =>
        [...manifests.keys()].filter((digest) => expected.has(digest) === wanted),
      );
      expect([...kept].toSorted()).toEqual(stay!.toSorted());
      expect(removed.toSorted()).toEqual(go!.toSorted());
    }),
  );
});
