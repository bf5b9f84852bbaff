import { describe, expect, test } from "vitest";
import type { ImageUse } from "./cluster-images.ts";
import { verifyImageUses, type VerifyOptions } from "./verify-cluster.ts";

const digest = `sha256:${"a".repeat(64)}`;
const other = `sha256:${"b".repeat(64)}`;
const rules = [{ from: "quay.io/org/", to: "mirror.example:5000/pko/" }];
const child = `sha256:${"c".repeat(64)}`;
const lock = [{ target: "mirror.example:5000/pko/app", digest, children: [child] }];

function use(image: string, extra: Partial<ImageUse> = {}): ImageUse {
  return {
    apiVersion: "v1",
    kind: "Pod",
    namespace: "default",
    objectName: "web",
    path: "spec.containers[0].image",
    name: "app",
    role: "running",
    owners: [],
    pullSecrets: [],
    serviceAccount: "",
    image,
    ...extra,
  };
}

function findingOf(one: ImageUse, options: Partial<VerifyOptions> = {}): string | undefined {
  return verifyImageUses([one], { rules, ...options })[0]!.finding?.code;
}

describe("where an image comes from", () => {
  test.each([
    ["mirror.example:5000/pko/app:v1", undefined],
    [`mirror.example:5000/pko/app@${digest}`, undefined],
    ["quay.io/org/app:v1", "outside"],
    ["mirror.example/pko/app:v1", "outside"],
    ["nginx", "outside"],
    ["Not An Image", "invalid"],
  ])("%s → %s", (image, code) => {
    expect(findingOf(use(image))).toBe(code);
  });

  test("a mirror prefix without a slash ends at a boundary", () => {
    expect(findingOf(use("m.io/pko-fork/app:v1"), { mirrors: ["m.io/pko"] })).toBe("outside");
    expect(findingOf(use("m.io/pko/app:v1"), { mirrors: ["m.io/pko"] })).toBeUndefined();
  });

  test("a package's own image is judged after the rules, a Pod's as it is", () => {
    const [verified] = verifyImageUses(
      [use("quay.io/org/app:v1", { role: "package", kind: "ClusterPackage" })],
      {
        rules,
      },
    );
    expect(verified).toMatchObject({
      resolved: "mirror.example:5000/pko/app:v1",
      rule: "quay.io/org/=mirror.example:5000/pko/",
    });
    expect(verified).not.toHaveProperty("finding");
  });
});

describe("with a lock", () => {
  test.each([
    [`mirror.example:5000/pko/app@${digest}`, {}, undefined],
    [`mirror.example:5000/pko/app@${other}`, {}, "stale"],
    ["mirror.example:5000/pko/app:v1", { imageID: `mirror.example:5000/pko/app@${other}` }, "stale"],
    [
      "mirror.example:5000/pko/app:v1",
      { imageID: `docker-pullable://mirror.example:5000/pko/app@${digest}` },
      undefined,
    ],
    ["mirror.example:5000/pko/app:v1", { imageID: `mirror.example:5000/pko/app@${child}` }, undefined],
    ["mirror.example:5000/pko/app:v1", {}, undefined],
    ["mirror.example:5000/pko/extra:v1", {}, "unlocked"],
  ])("%s %j → %s", (image, extra, code) => {
    expect(findingOf(use(image, extra), { lock })).toBe(code);
  });
});
