import { randomUUID } from "node:crypto";
import type { KubeObject } from "@package-operator/kube";
import type { JsonObject } from "@package-operator/kube-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  conditionOf,
  configMap,
  findCondition,
  messageOf,
  openCluster,
  ours,
  type TestCluster,
} from "./cluster.ts";
import { type RunningOperator, startOperator } from "./operator.ts";

const invalid = "package-operator.run/Invalid";

/** What the template controllers do, on any cluster. */
export function objectTemplateScenarios(kubeconfig: () => string): void {
  let cluster: TestCluster;
  let operator: RunningOperator;
  let namespace: string;

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    namespace = await cluster.namespace();
    operator = startOperator({
      kubeconfig: kubeconfig(),
      argv: [
        "-object-template-resource-retry-interval=200ms",
        "-object-template-optional-resource-retry-interval=200ms",
      ],
    });
  });

  afterAll(async () => {
    await cluster?.close();
    expect(await operator?.stop()).toBe(0);
  });

  const refTo = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", name, namespace });
  const source = (name: string, more: JsonObject = {}) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    name,
    items: [{ key: ".data.value", destination: ".value" }],
    ...more,
  });
  const templateText = (name: string, text = "{{ .config.value }}") =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  copied: "${text}"\n`;
  const template = (name: string, sources: JsonObject[], text = templateText(name)): KubeObject => ({
    ...ours("ObjectTemplate", name),
    metadata: { name, namespace },
    spec: { template: text, sources },
  });
  const templateRef = (name: string) => ours("ObjectTemplate", name, namespace);
  const dataOf = (object: KubeObject) => object["data"] as Record<string, string>;

  test("an object follows its source", async () => {
    const name = `follow-${randomUUID().slice(0, 8)}`;
    await cluster.create(
      configMap(`${name}-source`, { value: "one" }, namespace),
      template(name, [source(`${name}-source`)]),
    );
    const made = await cluster.until(refTo(name), "made", (object) => dataOf(object)["copied"] === "one");
    expect(made.metadata.ownerReferences).toMatchObject([{ kind: "ObjectTemplate", name, controller: true }]);
    const labelled = await cluster.client.get(refTo(`${name}-source`));
    expect(labelled.metadata.labels).toEqual({ "package-operator.run/cache": "True" });
    await cluster.client.patch(refTo(`${name}-source`), { type: "merge", body: { data: { value: "two" } } });
    await cluster.until(refTo(name), "updated", (object) => dataOf(object)["copied"] === "two");
    await cluster.client.patch(refTo(name), {
      type: "merge",
      body: { data: { copied: "wrong", more: "dropped" } },
    });
    const back = await cluster.until(refTo(name), "put back", (object) => dataOf(object)["copied"] === "two");
    expect(dataOf(back)).toEqual({ copied: "two" });
    const stored = await cluster.client.get(templateRef(name));
    expect(stored["status"]).toMatchObject({
      controllerOf: { kind: "ConfigMap", group: "", version: "v1", name, namespace },
    });
    expect(conditionOf(stored, invalid)).toBeUndefined();
  });

  test("a missing source is reported and looked for again", async () => {
    const name = `missing-${randomUUID().slice(0, 8)}`;
    await cluster.create(template(name, [source(`${name}-source`)]));
    const failing = await cluster.until(
      templateRef(name),
      "invalid",
      (object) => conditionOf(object, invalid) === "True",
    );
    expect(findCondition(failing, invalid)).toMatchObject({
      reason: "SourceError",
      message: `for source ConfigMap ${namespace}/${name}-source: configmaps "${name}-source" not found`,
    });
    await cluster.create(configMap(`${name}-source`, { value: "one" }, namespace));
    await cluster.until(templateRef(name), "valid", (object) => conditionOf(object, invalid) === undefined);
  });

  test("a missing optional source is left out until it comes", async () => {
    const name = `optional-${randomUUID().slice(0, 8)}`;
    const text = templateText(name, '{{ default "none" (get .config "value") }}')
      .replaceAll('"{{', "{{")
      .replaceAll('}}"', "}}");
    await cluster.create(template(name, [source(`${name}-source`, { optional: true })], text));
    await cluster.until(refTo(name), "made", (object) => dataOf(object)["copied"] === "none");
    await cluster.create(configMap(`${name}-source`, { value: "one" }, namespace));
    const updated = await cluster.until(
      refTo(name),
      "updated",
      (object) => dataOf(object)["copied"] === "one",
    );
    expect(dataOf(updated)).toEqual({ copied: "one" });
  });

  test.each([
    ["does not execute", "{{ .config.nope.deep }}", "TemplateError"],
    ["is no YAML", "{{ `a: [` }}", "TemplateError"],
    ["gives no manifest", "{{ `` }}", "TemplateError"],
    [
      "is for another namespace",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: kube-system}",
      "SourceError",
    ],
    ["is for the cluster", "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}", "SourceError"],
  ])("a template that %s is refused", async (_what, text, reason) => {
    const name = `refused-${randomUUID().slice(0, 8)}`;
    await cluster.create(template(name, [], text));
    const failing = await cluster.until(
      templateRef(name),
      "invalid",
      (object) => conditionOf(object, invalid) === "True",
    );
    expect(findCondition(failing, invalid)).toMatchObject({ reason });
  });

  test("an object of somebody else is not overwritten", async () => {
    const name = `theirs-${randomUUID().slice(0, 8)}`;
    await cluster.create(
      configMap(name, { theirs: "yes" }, namespace),
      template(name, [], templateText(name, "ours")),
    );
    const failing = await cluster.until(
      templateRef(name),
      "invalid",
      (object) => conditionOf(object, invalid) === "True",
    );
    expect(messageOf(failing, invalid)).toContain("is not controlled by this template");
    expect(dataOf(await cluster.client.get(refTo(name)))).toEqual({ theirs: "yes" });
  });

  test("a cluster-scoped template reads from and writes to any namespace", async () => {
    const name = `wide-${randomUUID().slice(0, 8)}`;
    const text = templateText(name).replace(`name: ${name}`, `name: ${name}\n  namespace: ${namespace}`);
    await cluster.create(configMap(`${name}-source`, { value: "one" }, namespace), {
      ...ours("ClusterObjectTemplate", name),
      metadata: { name },
      spec: { template: text, sources: [source(`${name}-source`, { namespace })] },
    });
    const made = await cluster.until(refTo(name), "made", (object) => dataOf(object)["copied"] === "one");
    expect(made.metadata.ownerReferences).toMatchObject([
      { kind: "ClusterObjectTemplate", name, controller: true },
    ]);
  });
}
