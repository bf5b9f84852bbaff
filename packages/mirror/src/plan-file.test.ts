import { describe, expect, test } from "vitest";
import type { MirrorPlan } from "./plan.ts";
import { formatMirrorPlan, parseMirrorPlan } from "./plan-file.ts";

const digest = `sha256:${"a".repeat(64)}`;
const plan: MirrorPlan = {
  overrides: "quay.io/org/=m.io/",
  entries: [
    {
      action: "copy",
      source: "quay.io/org/app",
      target: "m.io/app",
      digest,
      mediaType: "application/vnd.oci.image.index.v1+json",
      children: [`sha256:${"b".repeat(64)}`],
      tags: ["v1"],
      references: ["quay.io/org/app:v1"],
      platforms: ["linux/amd64"],
      subset: { indexDigest: `sha256:${"c".repeat(64)}`, platforms: ["linux/amd64"] },
      size: 1024,
      bytesToMove: 1000,
      reasons: [{ kind: "lock", in: "quay.io/org/package:v1", component: "extra", name: "app" }],
    },
  ],
  bytesToMove: 1000,
  warnings: ["something: to know"],
};

test("a plan reads back as it was written", () => {
  expect(parseMirrorPlan(formatMirrorPlan(plan), "plan.yaml")).toEqual(plan);
});

describe("a plan that cannot be applied is refused with file and place", () => {
  const text = formatMirrorPlan(plan);
  test.each([
    ["", "not a MirrorPlan"],
    [text.replace("kind: MirrorPlan", "kind: MirrorLock"), "not a MirrorPlan"],
    [text.replace("action: copy", "action: delete"), "spec.entries[0].action is not one of"],
    [text.replace("m.io/app", "app"), "spec.entries[0].target"],
    [text.replace("m.io/app", "m.io/App"), "spec.entries[0].target"],
    [text.replace(`digest: ${digest}`, "digest: v1"), "spec.entries[0].digest is no SHA-256 digest"],
    [text.replace("- v1", "- ../v1"), "spec.entries[0].tags"],
    [text.replace("size: 1024", "size: many"), "spec.entries[0].size is not a count"],
    [text.replace("kind: lock", "kind: whim"), "spec.entries[0].reasons[0].kind"],
    [text.replace("quay.io/org/=m.io/", "no rule"), "spec.overrides cannot be used"],
  ])("%#: %s", (broken, part) => {
    const parse = (): MirrorPlan => parseMirrorPlan(broken, "plan.yaml");
    expect(parse).toThrow(expect.objectContaining({ code: "plan-file", subject: "plan.yaml" }));
    expect(parse).toThrow(part);
  });
});
