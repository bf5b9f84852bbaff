import { describe, expect, test } from "vitest";
import type { HostedClusterPackageSpec } from "@package-operator/api";
import { condition, packageResource } from "../testing/objects.ts";
import type { HostedCluster } from "./hosted-clusters.ts";
import { partition } from "./partitions.ts";
import { remotePhasePackage } from "./remote-phase-package.ts";
import { chooseUpdates, type Target, updateBudget } from "./rollout-plan.ts";

const cluster = (name: string, labels: Record<string, string> = {}): HostedCluster => ({
  apiVersion: "hypershift.openshift.io/v1beta1",
  kind: "HostedCluster",
  metadata: { name, namespace: "clusters", uid: `uid-${name}`, labels },
});

const spec = (maxUnavailable?: number): HostedClusterPackageSpec => ({
  strategy: maxUnavailable === undefined ? { instant: {} } : { rollingUpgrade: { maxUnavailable } },
  template: { spec: { image: "new" } },
});

function target(
  name: string,
  options: { image?: string; available?: boolean; missing?: boolean } = {},
): Target {
  const { image = "new", available = true, missing = false } = options;
  const pkg = packageResource({
    metadata: { name: "p", namespace: name, uid: `uid-${name}`, generation: 1 },
    spec: { image },
    status: { conditions: [condition("Available", available ? "True" : "False")] },
  });
  return { hostedCluster: cluster(name), pkg: missing ? undefined : pkg };
}

const old = { image: "old" };
const names = (packages: ReturnType<typeof chooseUpdates>) =>
  packages.map(({ metadata }) => metadata.namespace);

describe("the budget", () => {
  test("is what may be unavailable, less what is", () => {
    const targets = [target("a"), target("b", { available: false }), target("c", { missing: true })];
    expect(updateBudget(spec(), targets)).toBe(Infinity);
    expect(updateBudget(spec(3), targets)).toBe(1);
    expect(updateBudget(spec(1), targets)).toBe(0);
  });
});

describe("the packages to update", () => {
  test("are all that are outdated without a limit", () => {
    const groups = [[target("a", old), target("b")], [target("c", old)]];
    expect(names(chooseUpdates(spec(), groups, []))).toEqual(["a", "c"]);
  });

  test("are as many as the budget allows, and those under way", () => {
    const group = [target("a", old), target("b", old), target("c", old)];
    expect(names(chooseUpdates(spec(2), [group], []))).toEqual(["a", "b"]);
    expect(names(chooseUpdates(spec(2), [group], [group[2]!.pkg!]))).toEqual(["c", "a"]);
  });

  test("are broken ones of the first partition, whatever the budget", () => {
    const broken = { ...old, available: false };
    const groups = [[target("a", broken), target("b", broken)], [target("c", broken)]];
    expect(names(chooseUpdates(spec(1), groups, []))).toEqual(["a", "b"]);
  });

  test("are of the next partition only when the one before is done", () => {
    const groups = [[target("a", old)], [target("b", old)]];
    expect(names(chooseUpdates(spec(5), groups, []))).toEqual(["a"]);
    expect(names(chooseUpdates(spec(5), [[target("a")], [target("b", old)]], []))).toEqual(["b"]);
    const unwell = [[target("a", { available: false })], [target("b", old)]];
    expect(names(chooseUpdates(spec(5), unwell, []))).toEqual([]);
  });
});

describe("partitions", () => {
  const clusters = ["b", "a", "", "c", "b"].map((ring, index) =>
    cluster(String(index), ring === "" ? {} : { ring }),
  );
  const rings = (config: Parameters<typeof partition>[2]) =>
    partition(clusters, ({ metadata }) => metadata.labels ?? {}, config).map((group) =>
      group.map(({ metadata }) => metadata.labels?.["ring"] ?? "-").join(""),
    );

  test.each([
    ["are one without a label", undefined, ["ba-cb"]],
    ["are sorted by name, the rest last", { labelKey: "ring" }, ["a", "bb", "c", "-"]],
    [
      "come as listed, all others at the end",
      { labelKey: "ring", order: { static: ["c", "b"] } },
      ["c", "bb", "a", "-"],
    ],
    [
      "come as listed, all others at the star",
      { labelKey: "ring", order: { static: ["c", "*", "b"] } },
      ["c", "a", "-", "bb"],
    ],
    [
      "are sorted when asked to",
      { labelKey: "ring", order: { static: ["c"], alphanumericAsc: {} } },
      ["a", "bb", "c", "-"],
    ],
  ])("%s", (_how, config, expected) => {
    expect(rings(config)).toEqual(expected);
  });
});

test("the phase manager's package is owned by annotation, and configured only when there is something to say", () => {
  const kind = { apiVersion: "package-operator.run/v1alpha1", kind: "Package" };
  const settings = { image: "img", affinity: undefined, tolerations: undefined };
  const pkg = remotePhasePackage(cluster("my.one"), kind, settings);
  expect(pkg).toEqual({
    ...kind,
    metadata: {
      name: "remote-phase",
      namespace: "clusters-my-one",
      annotations: {
        "package-operator.run/owners":
          '[{"apiVersion":"hypershift.openshift.io/v1beta1","kind":"HostedCluster","name":"my.one","namespace":"clusters","uid":"uid-my.one","controller":true}]',
      },
    },
    spec: { image: "img", component: "remote-phase" },
  });
  const configured = remotePhasePackage(cluster("x"), kind, { ...settings, tolerations: [{ key: "a" }] });
  expect(configured.spec.config).toEqual({ tolerations: [{ key: "a" }] });
});
