import { describe, expect, test } from "vitest";
import { formatMirrorLock, parseMirrorLock, type MirrorLock } from "./lock.ts";

const lock: MirrorLock = {
  overrides: "quay.io/org/=m.io/",
  images: [
    {
      source: "quay.io/org/app",
      target: "m.io/app",
      digest: `sha256:${"a".repeat(64)}`,
      children: [`sha256:${"b".repeat(64)}`],
      referrers: [],
      tags: ["v1"],
      references: ["quay.io/org/app:v1"],
    },
  ],
};

test("a lock reads back as it was written", () => {
  expect(parseMirrorLock(formatMirrorLock(lock), "mirror.lock.yaml")).toEqual(lock);
});

describe("a file that is no lock is refused with its name and the place", () => {
  const text = formatMirrorLock(lock);
  test.each([
    ["", "not a MirrorLock"],
    ["a: [", "mirror.lock.yaml"],
    ["kind: MirrorLock\n", "not a MirrorLock"],
    [text.replace("overrides:", "other:"), "spec.overrides"],
    [text.replace("target:", "goal:"), "spec.images[0].target"],
    [text.replace("sha256:aa", "sha256:zz"), "spec.images[0].digest"],
  ])("%j", (broken, part) => {
    const parse = (): MirrorLock => parseMirrorLock(broken, "mirror.lock.yaml");
    expect(parse).toThrow(expect.objectContaining({ code: "lock", subject: "mirror.lock.yaml" }));
    expect(parse).toThrow(part);
  });
});
