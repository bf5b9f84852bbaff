import { decodeYaml, isJsonObject, type JsonObject, type JsonValue } from "@package-operator/kube-yaml";
import { describe, expect, test } from "vitest";
import { requireConfig } from "../configuration.ts";
import { loadPackage } from "../load-package.ts";
import { placeholderImages } from "../locked-images.ts";
import { renderPackage } from "../render-package.ts";
import { validatePackage } from "../validate-package.ts";
import { kickstartPackage, type KickstartedPackage } from "./kickstart.ts";
import { parseParameters } from "./parameter.ts";
import { readSourceObjects } from "./source-object.ts";

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: shed, namespace: yard}
spec:
  replicas: 3
  selector: {matchLabels: {app: shed}}
  template:
    metadata: {labels: {app: shed}, annotations: {note: "{{ not a template }}"}}
    spec:
      nodeSelector: {disk: ssd}
      tolerations:
      - {key: rain, operator: Exists}
      containers:
      - env:
        - {name: SAW, value: sharp}
        image: quay.io/yard/shed:v1
        name: shed
        resources: {limits: {cpu: 1, memory: 1Gi}}
      - image: quay.io/yard/shed@sha256:${"0".repeat(64)}
        name: pinned
      - image: quay.io/yard/rake:v2
        name: rake
`;
const others = `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: "system:keeper", namespace: farm}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: keeper}
subjects: [{kind: ServiceAccount, name: keeper, namespace: yard}]
---
apiVersion: v1
kind: Namespace
metadata: {name: farm}
---
apiVersion: yard.example.com/v1
kind: Rake
metadata: {name: ../x}
`;

const kickstart = (text: string, ...words: string[]): KickstartedPackage =>
  kickstartPackage("toolshed", readSourceObjects(text), parseParameters(words));

/** What the package renders to with a configuration; it has to be valid. */
function render(kickstarted: KickstartedPackage, config: JsonObject = {}): JsonObject[] {
  const files = new Map([...kickstarted.files].map(([path, text]) => [path, Buffer.from(text)]));
  const pkg = loadPackage({ files, labels: {} });
  if (!kickstarted.hasImages) validatePackage(pkg, { scope: "Cluster" });
  const objects = renderPackage(pkg, {
    package: { metadata: { name: "shed", namespace: "" }, image: "" },
    config: requireConfig(pkg.manifest, config),
    ...placeholderImages(pkg.manifest),
    environment: { kubernetes: { version: "v1.31.0" } },
  });
  return objects.map(({ object }) => object);
}

function find(objects: readonly JsonObject[], kind: string): JsonObject {
  return objects.find((object) => object["kind"] === kind)!;
}

/** An object without what every object of a package gets. */
function plain(object: JsonObject): JsonValue {
  const { labels: _labels, annotations, ...metadata } = object["metadata"] as JsonObject;
  const own = Object.entries(isJsonObject(annotations) ? annotations : {}).filter(
    ([name]) => name !== "package-operator.run/phase",
  );
  return {
    ...object,
    metadata: own.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(own) },
  };
}

test("files by phase, and a manifest with the phases and probes that are needed", () => {
  const { files, objectCount, kindsWithoutProbes } = kickstart(`${deployment}---\n${others}`);
  expect([...files.keys()]).toEqual([
    "deploy/shed.deployment.yaml",
    "rbac/system:keeper.rolebinding.yaml",
    "namespaces/farm.namespace.yaml",
    "other/..-x.rake.yaml",
    "namespaces/yard.namespace.yaml",
    "manifest.yaml",
  ]);
  expect({ objectCount, kindsWithoutProbes }).toEqual({
    objectCount: 4,
    kindsWithoutProbes: ["Rake.yard.example.com"],
  });
  expect(files.get("namespaces/yard.namespace.yaml")).toBe(`apiVersion: v1
kind: Namespace
metadata:
  annotations:
    package-operator.run/phase: namespaces
  name: yard
`);
  expect(files.get("manifest.yaml")).toBe(`apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifest
metadata:
  name: toolshed
spec:
  availabilityProbes:
  - probes:
    - condition:
        status: "True"
        type: Available
    - fieldsEqual:
        fieldA: .status.updatedReplicas
        fieldB: .status.replicas
    selector:
      kind:
        group: apps
        kind: Deployment
  phases:
  - name: namespaces
  - name: rbac
  - name: deploy
  - name: other
  scopes:
  - Cluster
  - Namespaced
`);
});

test("objects keep what they are", () => {
  const rendered = render(kickstart(deployment));
  expect(plain(find(rendered, "Deployment"))).toEqual(decodeYaml(deployment));
});

test("equal paths are counted, and names never leave the folder", () => {
  const secret = (name: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: "${name}"}\n`;
  const { files } = kickstart(["a/b", "a-b", "A-B"].map(secret).join("---\n"));
  expect([...files.keys()].slice(0, 3)).toEqual([
    "deploy/a-b.secret.yaml",
    "deploy/a-b.secret-1.yaml",
    "deploy/a-b.secret-2.yaml",
  ]);
});

test("lists are unpacked", () => {
  const list = {
    apiVersion: "v1",
    kind: "List",
    items: [{ apiVersion: "v1", kind: "Pod", metadata: { name: "a" } }],
  };
  expect(kickstart(JSON.stringify(list)).objectCount).toBe(1);
});

describe("parametrised", () => {
  const bare = decodeYaml(deployment) as JsonObject;

  test.each([
    ["replicas"],
    ["tolerations"],
    ["nodeselectors"],
    ["resources"],
    ["env"],
    ["namespaces"],
    ["all"],
  ])("%s: with the defaults everything renders to what it was", (word) => {
    const rendered = render(kickstart(`${deployment}---\n${others}`, word));
    const expected = structuredClone(bare) as { spec: { template: { spec: { containers: JsonObject[] } } } };
    const deploymentObject = plain(find(rendered, "Deployment")) as unknown as typeof expected;
    for (const [index, container] of deploymentObject.spec.template.spec.containers.entries()) {
      const original = expected.spec.template.spec.containers[index]!;
      // Absent and empty are the same to Kubernetes.
      if (word === "all") container["image"] = original["image"]!;
      for (const field of ["env", "resources"]) {
        if (original[field] === undefined && container[field] !== undefined) {
          expect(Object.keys(container[field] as object)).toEqual([]);
          delete container[field];
        }
      }
    }
    expect(deploymentObject).toEqual(expected);
    const namespaces = rendered.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata);
    expect(namespaces).toMatchObject([{ name: "farm" }, { name: "yard" }]);
    expect(find(rendered, "RoleBinding")).toMatchObject({
      metadata: { namespace: "farm" },
      subjects: [{ namespace: "yard" }],
    });
  });

  test("what is configured arrives", () => {
    const toleration = { key: "snow", operator: "Exists" };
    const config = {
      namespaces: { yard: "garden" },
      deployments: {
        yard: {
          shed: {
            replicas: 1_000_000,
            tolerations: [toleration],
            nodeSelector: { zone: "a" },
            containers: {
              shed: { env: [{ name: "RAKE", value: "bent" }], resources: { requests: { cpu: "100m" } } },
              rake: { env: [{ name: "RAKE", value: "new" }] },
            },
          },
        },
      },
    };
    const rendered = render(kickstart(`${deployment}---\n${others}`, "all"), config);
    expect(find(rendered, "Deployment")).toMatchObject({
      metadata: { namespace: "garden" },
      spec: {
        replicas: 1_000_000,
        template: {
          metadata: { annotations: { note: "{{ not a template }}" } },
          spec: {
            nodeSelector: { zone: "a" },
            tolerations: [{ key: "rain", operator: "Exists" }, toleration],
            containers: [
              {
                env: [
                  { name: "SAW", value: "sharp" },
                  { name: "RAKE", value: "bent" },
                ],
                resources: { requests: { cpu: "100m" } },
              },
              {},
              { env: [{ name: "RAKE", value: "new" }] },
            ],
          },
        },
      },
    });
    expect(find(rendered, "RoleBinding")).toMatchObject({ subjects: [{ namespace: "garden" }] });
  });

  test("one namespace for everything, also for objects that had none", () => {
    const secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: key}\n";
    const rendered = render(kickstart(`${deployment}---\n${secret}`, "namespaces"), { namespace: "all" });
    expect(rendered.map(({ metadata }) => (metadata as JsonObject)["namespace"])).toEqual([
      "all",
      "all",
      undefined,
    ]);
    const without = render(kickstart(secret, "namespaces"));
    expect(find(without, "Secret")["metadata"]).not.toHaveProperty("namespace");
  });

  test("custom resources without namespace get none when their definition says so", () => {
    const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rakes.yard.example.com}
spec: {group: yard.example.com, scope: Cluster, names: {kind: Rake}}
---
apiVersion: yard.example.com/v1
kind: Rake
metadata: {name: one}
`;
    const rendered = render(kickstart(crd, "namespaces"), { namespace: "all" });
    expect(find(rendered, "Rake")["metadata"]).not.toHaveProperty("namespace");
  });

  test("images are declared in the manifest, pinned ones left alone", () => {
    const kickstarted = kickstart(deployment, "images");
    const manifest = decodeYaml(kickstarted.files.get("manifest.yaml")!);
    expect(manifest).toMatchObject({
      spec: {
        images: [
          { name: "rake", image: "quay.io/yard/rake:v2" },
          { name: "shed", image: "quay.io/yard/shed:v1" },
        ],
      },
      test: { template: [{ name: "defaults", context: {} }] },
    });
    const text = kickstarted.files.get("deploy/shed.deployment.yaml.gotmpl")!;
    expect(text).toContain('image: {{ index .images "shed" | quote }}');
    expect(text).toContain("image: quay.io/yard/shed@sha256:");
    const initContainer = deployment.replace(
      "containers:\n",
      "initContainers: [{name: rake, image: 'x/yy:1'}]\n      containers:\n",
    );
    expect(kickstart(initContainer, "images").files.get("manifest.yaml")).toContain("name: rake-1");
  });

  test("unknown words", () => {
    expect(() => parseParameters(["replicas", "colour"])).toThrow(
      'unknown parameter "colour": known are namespaces, replicas, tolerations, nodeselectors, resources, env, images and all',
    );
  });
});

describe("refused", () => {
  test.each([
    ["a: [", "unmarshalling yaml document at index 0: "],
    [
      "kind: A\nmetadata: {name: x}\napiVersion: v1\n---\n- 1\n",
      "unmarshalling yaml document at index 1: this is no object",
    ],
    ["metadata: {}\n", "unmarshalling yaml document at index 0: Object 'Kind' is missing"],
    ["kind: A\n", "parsing namespace and name: object is missing metadata: 'kind: A\n'"],
    [
      "kind: A\nmetadata: {}\n",
      "parsing namespace and name: object is missing name: 'kind: A\nmetadata: {}\n'",
    ],
    [
      "kind: A\nmetadata: {name: x}\n",
      "parsing groupKind: object has invalid apiVersion: 'kind: A\nmetadata:\n  name: x\n'",
    ],
    [
      "kind: A\napiVersion: v1\nmetadata: {name: x}\n---\nkind: A\napiVersion: v1\nmetadata: {name: x}\n",
      "duplicate object: 'apiVersion: v1\nkind: A\nmetadata:\n  name: x\n'",
    ],
  ])("%j", (text, message) => {
    expect(() => kickstart(text)).toThrow(message);
  });
});
