import { encodeYaml, type JsonObject } from "@package-operator/kube-yaml";
import { buildImage, createLayer, memoryContent, writeImage } from "@package-operator/oci";
import { describe, expect, test } from "vitest";
import { objectAt, textAt } from "./json-fields.ts";
import { convertOlmBundle, importOlmBundle } from "./olm-bundle.ts";

const annotations = "annotations: {operators.operatorframework.io.bundle.package.v1: rake}\n";
const rule = { apiGroups: ["yard.example.com"], resources: ["rakes"], verbs: ["get", "list"] };
const permission = { serviceAccountName: "rake", rules: [rule] };

function csv(mode: string, spec: JsonObject = {}): string {
  return encodeYaml({
    apiVersion: "operators.coreos.com/v1alpha1",
    kind: "ClusterServiceVersion",
    metadata: { name: "rake-operator.v1.0.0", annotations: { capabilities: "Basic" } },
    spec: {
      installModes: [
        { type: mode, supported: true },
        { type: "MultiNamespace", supported: false },
      ],
      install: {
        spec: {
          permissions: [permission],
          clusterPermissions: [
            { serviceAccountName: "default", rules: [{ nonResourceURLs: ["/x<y>"], verbs: ["get"] }] },
          ],
          deployments: [
            {
              name: "rake-operator",
              label: { app: "rake" },
              spec: {
                template: { metadata: { annotations: { own: "1" } }, spec: { serviceAccountName: "rake" } },
              },
            },
          ],
        },
      },
      ...spec,
    },
  });
}

const bundle = (files: Readonly<Record<string, string>>): ReadonlyMap<string, Uint8Array> =>
  new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));
const convert = (
  mode: string,
  more: Readonly<Record<string, string>> = {},
  spec: JsonObject = {},
): JsonObject[] => [
  ...convertOlmBundle(
    bundle({ "metadata/annotations.yaml": annotations, "manifests/csv.yaml": csv(mode, spec), ...more }),
  ).objects,
];
const summary = (objects: readonly JsonObject[]): string[] =>
  objects.map((object) => {
    const metadata = objectAt(object, "metadata");
    return `${textAt(object, "kind")} ${textAt(metadata, "namespace")}/${textAt(metadata, "name")}`;
  });

// Made by upstream for this rule.
const role = "rake-operator.v1.0.-xqisx2vs3tl6cx0fg3y56ztxknwel4it7obf8cwpdiz";

test("an operator for its own namespace", () => {
  const objects = convert("OwnNamespace");
  expect(summary(objects)).toEqual([
    "ServiceAccount rake-system/rake",
    `Role rake-system/${role}`,
    `RoleBinding rake-system/${role}`,
    expect.stringMatching(/^ClusterRole \/rake-operator\.v1\.0/),
    expect.stringMatching(/^ClusterRoleBinding \/rake-operator\.v1\.0/),
    "Deployment rake-system/rake-operator",
  ]);
  expect(objects.at(-1)).toMatchObject({
    metadata: {
      labels: { app: "rake" },
      annotations: { capabilities: "Basic", own: "1", "olm.targetNamespaces": "rake-system" },
    },
  });
  expect(objects[2]).toMatchObject({
    roleRef: { kind: "Role", name: role },
    subjects: [{ kind: "ServiceAccount", name: "rake", namespace: "rake-system" }],
  });
});

test("an operator for all namespaces gets cluster roles, those of its permissions last", () => {
  const objects = convert("AllNamespaces");
  expect(summary(objects).filter((line) => line.startsWith("ClusterRole "))[1]).toBe(`ClusterRole /${role}`);
  expect(summary(objects).some((line) => line.startsWith("Role "))).toBe(false);
  expect(objects.at(-1)).toMatchObject({ metadata: { annotations: { "olm.targetNamespaces": "" } } });
});

test("other objects go to the install namespace, unless their kind has none", () => {
  const more = {
    "manifests/a.yaml":
      "apiVersion: v1\nkind: Service\nmetadata: {name: door}\n---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\n",
    "manifests/crd.yaml":
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: rakes.yard.example.com}\nstatus: {conditions: null}\n",
  };
  const objects = convert("AllNamespaces", more);
  expect(summary(objects).slice(-4)).toEqual([
    "CustomResourceDefinition /rakes.yard.example.com",
    "Service rake-system/door",
    "PriorityClass /high",
    "Deployment rake-system/rake-operator",
  ]);
  expect(objects.find(({ kind }) => kind === "CustomResourceDefinition")).not.toHaveProperty("status");
});

describe("refused", () => {
  test.each<[string, () => unknown, string]>([
    [
      "no annotations",
      () => convertOlmBundle(bundle({})),
      "open metadata/annotations.yaml: file does not exist",
    ],
    [
      "no package name",
      () => convertOlmBundle(bundle({ "metadata/annotations.yaml": "annotations: {}\n" })),
      "does not name the package",
    ],
    [
      "no CSV",
      () => convertOlmBundle(bundle({ "metadata/annotations.yaml": annotations })),
      "no ClusterServiceVersion",
    ],
    [
      "install modes",
      () => convert("SingleNamespace"),
      "supported install modes [SingleNamespace] do not support targeting all namespaces",
    ],
    [
      "webhooks",
      () => convert("AllNamespaces", {}, { webhookdefinitions: [{}] }),
      "webhookDefinitions are not supported",
    ],
    [
      "API services",
      () => convert("AllNamespaces", {}, { apiservicedefinitions: { owned: [{}] } }),
      "apiServiceDefintions are not supported",
    ],
    [
      "folders",
      () => convert("AllNamespaces", { "manifests/deep/x.yaml": "" }),
      'subdirectories are not allowed within the "manifests" directory of the bundle image filesystem: found "manifests/deep"',
    ],
    [
      "broken YAML",
      () => convert("AllNamespaces", { "manifests/x.yaml": "a: [" }),
      "manifests/x.yaml: unmarshalling",
    ],
  ])("%s", (_name, run, message) => {
    expect(run).toThrow(message);
  });
});

test("is read from an image", async () => {
  const registry = memoryContent();
  const entries = [
    { path: "manifests/csv.yaml", content: Buffer.from(csv("AllNamespaces")) },
    { path: "metadata/annotations.yaml", content: Buffer.from(annotations) },
    { path: "etc/passwd", content: Buffer.from("x") },
  ];
  await writeImage(registry, buildImage({ layers: [await createLayer(entries)] }), { tags: ["v1"] });
  const files = await importOlmBundle(registry, "v1");
  expect([...files.keys()]).toEqual(["manifests/csv.yaml", "metadata/annotations.yaml"]);
  expect(convertOlmBundle(files).packageName).toBe("rake");
});
