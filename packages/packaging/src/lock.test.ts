import { expect, test } from "vitest";
import { checkLockedDigests } from "./check-locked-digests.ts";
import { decodeLock } from "./decode-manifest.ts";
import { formatLock, updateLock } from "./lock.ts";
import { failure, samplePackage } from "./testing/sample-package.ts";

const { manifest } = samplePackage(
  {},
  "  images: [{name: web, image: nginx:1}, {name: db, image: quay.io/db/db:2}]\n",
);
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const resolveDigest = async (reference: string): Promise<string> =>
  digest(reference.includes("nginx") ? "a" : "b");
const now = "2026-01-02T03:04:05Z";

test("every image is resolved and the lock written as upstream writes it", async () => {
  const { lock, changed } = await updateLock(manifest, { resolveDigest, now });
  expect(changed).toBe(true);
  expect(formatLock(lock)).toBe(`apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifestLock
metadata:
  creationTimestamp: "2026-01-02T03:04:05Z"
spec:
  images:
  - digest: ${digest("a")}
    image: nginx:1
    name: web
  - digest: ${digest("b")}
    image: quay.io/db/db:2
    name: db
`);
});

test("a lock that says the same stays, with its time", async () => {
  const first = await updateLock(manifest, { resolveDigest, now });
  const current = decodeLock(formatLock(first.lock), "manifest.lock.yaml");
  const again = await updateLock(manifest, { resolveDigest, now: "2027-01-01T00:00:00Z", current });
  expect(again).toEqual({ lock: current, changed: false });
  const moved = await updateLock(manifest, { resolveDigest: async () => digest("c"), now, current });
  expect(moved.changed).toBe(true);
});

test("another registry can be asked in place of the one named", async () => {
  const asked: string[] = [];
  const ask = async (reference: string): Promise<string> => digest(String(asked.push(reference)));
  await updateLock(manifest, { resolveDigest: ask, now, registry: "mirror.local" });
  expect(asked).toEqual(["mirror.local/library/nginx:1", "mirror.local/db/db:2"]);
});

test("an image that cannot be resolved is named", async () => {
  const offline = async (): Promise<string> => Promise.reject(new Error("no route"));
  expect(await failure(() => updateLock(manifest, { resolveDigest: offline, now }))).toEqual({
    code: "reference",
    message: 'resolving lock image for "nginx:1": resolving image digest: no route',
  });
  const wrong = samplePackage({}, "  images: [{name: web, image: UPPER}]\n").manifest;
  expect(await failure(() => updateLock(wrong, { resolveDigest, now, registry: "mirror.local" }))).toEqual({
    code: "reference",
    message:
      'resolving lock image for "UPPER": resolving image URL: image reference: could not parse reference: UPPER',
  });
});

test("locked digests are looked up, each under its own repository", async () => {
  const { lock } = await updateLock(manifest, { resolveDigest, now });
  const asked: string[] = [];
  await checkLockedDigests(lock, { check: async (reference) => asked.push(reference) });
  expect(asked).toEqual([`index.docker.io/library/nginx@${digest("a")}`, `quay.io/db/db@${digest("b")}`]);
  const gone = async (reference: string): Promise<void> => {
    if (reference.startsWith("quay.io")) throw new Error("404");
  };
  expect(await failure(() => checkLockedDigests(lock, { check: gone }))).toEqual({
    code: "reference",
    message: `404: image "db" digest error ("${digest("b")}")`,
  });
});
