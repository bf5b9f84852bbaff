import { randomUUID } from "node:crypto";
import type { KubeObject } from "@package-operator/kube";
import { isJsonObject, type JsonObject } from "@package-operator/kube-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runLine, type LineResult } from "../../packages/cli/src/testing/run-line.ts";
import { openCluster, ours, type TestCluster } from "./cluster.ts";

const apiVersion = "package-operator.run/v1alpha1";

/** The commands that talk to a cluster, against any API server; no operator has to run. */
export function cliScenarios(kubeconfig: () => string): void {
  let cluster: TestCluster;
  let namespace: string;
  const suffix = randomUUID().slice(0, 8);

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    namespace = await cluster.namespace();
    await cluster.create(
      packageObject("shed", namespace),
      packageObject(`shed-${suffix}`),
      objectSet("shed-1", { revision: 9, instance: "shed", cause: "plan B" }),
      objectSet("shed-2", { revision: 10, instance: "shed" }),
      objectSet("my-shed-1", { revision: 11, instance: "my-shed" }),
      slice("shed-slice"),
      deployment("shed"),
    );
    await setConditions("ObjectSet", "shed-1", [["Available", "False"]]);
    await setConditions("ObjectSet", "shed-2", [
      ["Available", "True"],
      ["Succeeded", "True"],
    ]);
    await setConditions("ObjectSet", "my-shed-1", [["Available", "True"]]);
  });
  afterAll(() => cluster.close());

  const cli = (...args: string[]): Promise<LineResult> =>
    runLine([...args, "--kubeconfig", cluster.kubeconfig], { now: Date.now, random: Math.random });
  const failure = (message: string): LineResult => ({ code: 1, stdout: "", stderr: `Error: ${message}\n` });

  function packageObject(name: string, place?: string): KubeObject {
    return {
      apiVersion,
      kind: place === undefined ? "ClusterPackage" : "Package",
      metadata: { name, ...(place === undefined ? {} : { namespace: place }) },
      spec: { image: "quay.invalid/yard/shed:v1" },
    };
  }

  function phase(name: string, objects: readonly JsonObject[], slices: readonly string[] = []): JsonObject {
    return { name, objects: objects.map((object) => ({ object })), slices: [...slices] };
  }

  function objectSet(
    name: string,
    options: { readonly revision: number; readonly instance: string; readonly cause?: string },
  ): KubeObject {
    const { revision, instance, cause } = options;
    const plan = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "shed-plan", namespace } };
    return {
      apiVersion,
      kind: "ObjectSet",
      metadata: {
        name,
        namespace,
        labels: { "package-operator.run/instance": instance, app: instance },
        ...(cause === undefined ? {} : { annotations: { "kubernetes.io/change-cause": cause } }),
      },
      spec: {
        revision,
        phases: [phase("prepare", [plan]), phase("empty", []), phase("run", [], ["shed-slice"])],
        availabilityProbes: [],
      },
    };
  }

  function slice(name: string): KubeObject {
    const object = { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "shed", namespace } };
    return { apiVersion, kind: "ObjectSlice", metadata: { name, namespace }, objects: [{ object }] };
  }

  function deployment(name: string): KubeObject {
    return {
      apiVersion,
      kind: "ObjectDeployment",
      metadata: { name, namespace },
      spec: {
        selector: { matchLabels: { app: "shed" } },
        template: { metadata: { labels: { app: "shed" } }, spec: { phases: [], availabilityProbes: [] } },
      },
    };
  }

  async function setConditions(
    kind: string,
    name: string,
    conditions: readonly [string, string][],
  ): Promise<void> {
    const status = {
      conditions: conditions.map(([type, value]) => ({
        type,
        status: value,
        reason: "Test",
        message: "",
        lastTransitionTime: "2026-11-22T16:07:24Z",
      })),
    };
    const patch = { type: "merge" as const, body: { status } };
    await cluster.client.patch(ours(kind, name, namespace), patch, { subresource: "status" });
  }

  describe("rollout history", () => {
    const table =
      "REVISION  SUCCESSFUL  CHANGE-CAUSE\n" +
      "9         false       plan B      \n" +
      "10        true                    \n\n";

    test.each(["package/shed", "packages/shed", "objectdeployment/shed"])("of %s", async (resource) => {
      expect(await cli("rollout", "history", resource, "-n", namespace)).toEqual({
        code: 0,
        stdout: table,
        stderr: "",
      });
    });

    test("of a package without revisions", async () => {
      const { stdout } = await cli("rollout", "history", "clusterpackage", `shed-${suffix}`);
      expect(stdout).toBe("REVISION  SUCCESSFUL  CHANGE-CAUSE\n\n");
    });

    test("as JSON and YAML, all and one", async () => {
      const all = await cli("rollout", "history", "package/shed", "-n", namespace, "-o", "JSON");
      expect(all.stdout).toMatch(/^\[\n {4}\{\n {8}"apiVersion": /);
      const list = JSON.parse(all.stdout) as { spec: object }[];
      expect(list.map((item) => item.spec)).toMatchObject([{ revision: 9 }, { revision: 10 }]);
      expect(list[0]!.spec).not.toHaveProperty("availabilityProbes");
      const one = await cli("rollout", "history", "package/shed", "-n", namespace, "--revision=10");
      expect(one.stdout).toMatch(/^apiVersion: package-operator\.run\/v1alpha1\nkind: ObjectSet\n/);
    });

    test.each([
      [["package/shed", "--revision=3"], "revision not found"],
      [["package/shed", "-o=xml"], 'invalid output format: "xml"'],
      [["pod/shed"], "invalid resource type"],
      [
        ["package/nobody"],
        'getting resource package/nobody: getting package object: packages.package-operator.run "nobody" not found',
      ],
      [
        ["objectdeployment/nobody"],
        'getting resource objectdeployment/nobody: getting objectdeployment object: objectdeployments.package-operator.run "nobody" not found',
      ],
    ])("%j", async (args, message) => {
      expect(await cli("rollout", "history", ...args, "-n", namespace)).toEqual(failure(message));
    });
  });

  describe("clustertree", () => {
    test("shows the newest available revision, with objects in slices", async () => {
      expect(await cli("clustertree", "package/shed", "-n", namespace)).toEqual({
        code: 0,
        stdout: `Package /shed
namespace/${namespace}
└── Phase prepare
│   ├── /v1, Kind=ConfigMap ${namespace}/shed-plan
└── Phase empty
└── Phase run
    └── apps/v1, Kind=StatefulSet ${namespace}/shed
`,
        stderr: "",
      });
      const { stdout } = await cli("clustertree", "package/shed", "-n", namespace, "--output=json");
      expect(JSON.parse(stdout)).toMatchObject({ kind: "Package", revision: 10, phases: [{}, {}, {}] });
    });

    test("errors", async () => {
      expect(await cli("clustertree", `clusterpackage/shed-${suffix}`)).toEqual(
        failure("ClusterObjectSet could not be found"),
      );
      expect(await cli("clustertree", "package/nobody", "-n", namespace)).toEqual(
        failure('getting package object: packages.package-operator.run "nobody" not found'),
      );
      expect((await cli("clustertree", "objectdeployment/shed")).stderr).toBe(
        "Error: invalid resource type\n",
      );
    });
  });

  describe("pause and unpause", () => {
    /** Answers as the operator does: a condition for the present generation, or none. */
    async function answer(wanted: boolean): Promise<void> {
      const seen = await cluster.until(ours("Package", "shed", namespace), "asked", ({ spec }) => {
        return isJsonObject(spec) && (spec["paused"] ?? false) === wanted;
      });
      const condition = {
        type: "Paused",
        status: "True",
        reason: "Paused",
        message: "",
        observedGeneration: seen.metadata.generation ?? 0,
        lastTransitionTime: "2026-11-22T16:07:24Z",
      };
      const body = { status: { conditions: wanted ? [condition] : [] } };
      await cluster.client.patch(
        ours("Package", "shed", namespace),
        { type: "merge", body },
        { subresource: "status" },
      );
    }

    test("change the package and wait for the operator", async () => {
      const silence = { code: 0, stdout: "", stderr: "" };
      const pausing = cli("pause", "package/shed", "-n", namespace, "-m", "painting");
      await answer(true);
      expect(await pausing).toEqual(silence);
      const paused = await cluster.client.get(ours("Package", "shed", namespace));
      expect(paused.metadata.annotations).toEqual({ "package-operator.run/pause-message": "painting" });
      const unpausing = cli("unpause", "package", "shed", "-n", namespace, "-m", "dropped");
      await answer(false);
      expect(await unpausing).toEqual(silence);
      const unpaused = await cluster.client.get(ours("Package", "shed", namespace));
      expect(unpaused.metadata.annotations ?? {}).toEqual({});
    });

    test("give up after the timeout, and do not wait when told so", async () => {
      const name = `shed-${suffix}`;
      expect(await cli("pause", `clusterpackage/${name}`, "--timeout", "50ms")).toEqual(
        failure(
          `timeout waiting 50ms on package-operator.run/v1alpha1, Kind=ClusterPackage ${name} to report condition "Paused"="True": context deadline exceeded `,
        ),
      );
      expect(await cli("unpause", `clusterpackage/${name}`, "-n", namespace, "--wait=false")).toMatchObject({
        code: 0,
      });
      const { spec } = await cluster.client.get(ours("ClusterPackage", name));
      expect(spec).toMatchObject({ paused: false });
    });

    test("end with an interrupt; the change stays", async () => {
      const interrupt = new AbortController();
      const name = `shed-${suffix}`;
      const args = ["pause", `clusterpackage/${name}`, "--kubeconfig", cluster.kubeconfig];
      const pausing = runLine(args, { signal: interrupt.signal });
      await cluster.until(ours("ClusterPackage", name), "paused", ({ spec }) => {
        return isJsonObject(spec) && spec["paused"] === true;
      });
      interrupt.abort();
      expect(await pausing).toEqual({ code: 130, stdout: "", stderr: "Error: context canceled\n" });
    });

    test.each([
      ["package/nobody", 'getting package object: packages.package-operator.run "nobody" not found'],
      ["pod/x", "invalid resource name: expected `clusterpackage`/`package`, got `pod`"],
    ])("%s", async (resource, message) => {
      expect(await cli("pause", resource, "-n", namespace)).toEqual(failure(message));
    });
  });
}
