import { createManualClock } from "@package-operator/kube";
import { describe, expect, test } from "vitest";
import { editConditions } from "../conditions.ts";
import { condition, objectDeployment, packageResource } from "../testing/objects.ts";
import { desiredDeployment, mergeDeployment } from "./desired-deployment.ts";
import { copyDeploymentStatus } from "./status.ts";
import { createUnpackMemory } from "./unpack-memory.ts";
import { isUnpacked } from "./unpack.ts";

const kind = { apiVersion: "package-operator.run/v1alpha1", kind: "ObjectDeployment" };
const rendered = { name: "manifest", template: { phases: [] }, sourceImage: "mirror/b:v1" };

describe("the deployment of a package", () => {
  test("is named, labelled and annotated after it", () => {
    const pkg = packageResource({ spec: { image: "quay.io/a/b:v1", config: { b: 1, a: "<x>" } } });
    const labels = { "package-operator.run/package": "manifest", "package-operator.run/instance": "app" };
    expect(desiredDeployment(pkg, rendered, kind)).toMatchObject({
      metadata: {
        name: "app",
        namespace: "ns",
        labels,
        annotations: {
          "package-operator.run/package-source-image": "mirror/b:v1",
          "package-operator.run/package-config": String.raw`{"a":"\u003cx\u003e","b":1}`,
          "kubernetes.io/change-cause": "Installing manifest package.",
        },
      },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { phases: [] } } },
    });
    const { annotations } = desiredDeployment(packageResource(), rendered, kind).metadata;
    expect(annotations?.["package-operator.run/package-config"]).toBe("null");
  });

  test.each([
    [{}, "Installing manifest package."],
    [{ "package-operator.run/package-config": "{}" }, "Package config changed."],
    [{ "package-operator.run/package-source-image": "old" }, "Package source image changed."],
    [
      { "package-operator.run/package-config": "{}", "package-operator.run/package-source-image": "old" },
      "Package source image and config changed.",
    ],
  ])("keeps what is not the package's, and tells why it changes (%j)", (before, cause) => {
    const desired = desiredDeployment(packageResource(), rendered, kind);
    const existing = objectDeployment({
      spec: { ...objectDeployment().spec, revisionHistoryLimit: 3, paused: true },
      metadata: {
        ...desired.metadata,
        labels: { own: "label" },
        annotations: { ...desired.metadata.annotations, own: "note", ...before },
      },
    });
    const merged = mergeDeployment(existing, desired, packageResource());
    expect(merged.metadata.labels).toEqual({ own: "label", ...desired.metadata.labels });
    expect(merged.metadata.annotations).toMatchObject({ own: "note", "kubernetes.io/change-cause": cause });
    expect(merged.spec).toMatchObject({
      revisionHistoryLimit: 3,
      paused: true,
      template: { spec: { phases: [] } },
    });
    expect(merged.spec.selector).toEqual(existing.spec.selector);
  });
});

describe("the status of a package", () => {
  test("is that of its deployment, as far as it is current", () => {
    const pkg = packageResource({
      status: { conditions: [condition("Paused", "True"), condition("x/Old", "True")] },
    });
    const deployment = objectDeployment({
      status: {
        revision: 7,
        conditions: [
          condition("Available", "True", { message: "yes" }),
          condition("Progressing", "False"),
          condition("x/New", "True"),
        ],
      },
    });
    const edit = editConditions(pkg, 0);
    expect(copyDeploymentStatus(edit, deployment)).toEqual({ revision: 7 });
    expect(edit.list().map(({ type }) => type)).toEqual(["Available", "Progressing", "x/New"]);
  });

  test("stays as it was where the deployment is behind", () => {
    const pkg = packageResource({
      status: { conditions: [condition("Available", "True"), condition("x/Old", "True")] },
    });
    const deployment = objectDeployment({
      metadata: { ...objectDeployment().metadata, generation: 2 },
      status: { conditions: [condition("Available", "False"), condition("Progressing", "True")] },
    });
    const edit = editConditions(pkg, 0);
    copyDeploymentStatus(edit, deployment);
    expect(edit.list()).toEqual(pkg.status?.conditions);
  });
});

describe("failed attempts", () => {
  test("are not repeated before their time, which doubles up to five minutes", async () => {
    const clock = createManualClock();
    const memory = createUnpackMemory(clock);
    expect(memory.waitFor("uid", "h")).toBe(0);
    const delays = [];
    for (let attempt = 0; attempt < 7; attempt++) {
      const delay = memory.pullFailed("uid", "h");
      delays.push(delay / 1000);
      expect(memory.waitFor("uid", "h")).toBe(delay);
      await clock.advance(delay);
      expect(memory.waitFor("uid", "h")).toBe(0);
    }
    expect(delays).toEqual([10, 20, 40, 80, 160, 300, 300]);
    await clock.advance(601_000);
    expect(memory.pullFailed("uid", "h")).toBe(10_000);
  });

  test("hold only the spec that failed", () => {
    const memory = createUnpackMemory(createManualClock());
    expect(memory.refused("uid", "h")).toBe(30_000);
    expect(memory.waitFor("uid", "other")).toBe(0);
    expect(memory.waitFor("other", "h")).toBe(0);
    memory.forget("uid");
    expect(memory.waitFor("uid", "h")).toBe(0);
  });
});

test("a package is unpacked when its deployment is there, unless nothing can be made of it", () => {
  const unpacked = packageResource({ status: { unpackedHash: "hash" } });
  expect(isUnpacked(unpacked, "hash", objectDeployment())).toBe(true);
  expect(isUnpacked(unpacked, "other", objectDeployment())).toBe(false);
  expect(isUnpacked(unpacked, "hash", undefined)).toBe(false);
  const invalid = { unpackedHash: "hash", conditions: [condition("Invalid", "True")] };
  expect(isUnpacked(packageResource({ status: invalid }), "hash", undefined)).toBe(true);
});
