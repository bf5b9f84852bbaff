import { readFile } from "node:fs/promises";
import path from "node:path";
import { environmentVariables, installation, labels } from "@package-operator/api";
import { parseReference } from "@package-operator/image";
import { decodeYaml, type JsonObject, splitDocuments } from "@package-operator/kube-yaml";
import {
  importFolder,
  loadPackage,
  manifestFieldErrors,
  type Package,
  placeholderImages,
  renderDetails,
  requireConfig,
} from "@package-operator/packaging";
import { describe, expect, test } from "vitest";

const config = path.resolve(import.meta.dirname, "../config");

describe("self-bootstrap-job.yaml", async () => {
  const text = await readFile(path.join(config, "self-bootstrap-job.yaml"), "utf8");
  const documents = splitDocuments(text).map((document) => decodeYaml(document) as JsonObject);
  const [, , , job] = documents as [JsonObject, JsonObject, JsonObject, BootstrapJob];
  const [container] = job.spec.template.spec.containers;

  interface BootstrapJob extends JsonObject {
    spec: {
      template: {
        spec: {
          containers: [
            { name: string; image: string; args: [string]; env: { name: string; value: string }[] },
          ];
        };
      };
    };
  }

  test("has the four documents in the order of their use", () => {
    expect(documents.map(({ kind, metadata }) => [kind, (metadata as { name: string }).name])).toEqual([
      ["Namespace", installation.namespace],
      ["ServiceAccount", installation.serviceAccount],
      ["ClusterRoleBinding", "package-operator"],
      ["Job", installation.bootstrapJob],
    ]);
    for (const { metadata } of documents.slice(0, 3)) {
      expect(metadata).toMatchObject({ labels: { [labels.cache]: "True" } });
    }
  });

  // Instructions in the field edit the container by its name, its first argument and existing env entries.
  test("keeps what people edit with yq", () => {
    expect(job.spec.template.spec.containers).toHaveLength(1);
    expect(container.name).toBe(installation.bootstrapContainer);
    expect(container.args).toHaveLength(1);
    expect(container.args[0]).toMatch(/^-self-bootstrap=\S+$/);
    expect(container.env.slice(0, 3)).toEqual([
      { name: environmentVariables.registryHostOverrides, value: "" },
      { name: environmentVariables.imagePrefixOverrides, value: "" },
      { name: environmentVariables.bootstrapConfig, value: "" },
    ]);
    expect(container.env.slice(3).map(({ name }) => name)).toEqual([
      environmentVariables.namespace,
      environmentVariables.serviceAccountNamespace,
      environmentVariables.serviceAccountName,
    ]);
  });

  test("its pod has no more rights than it needs", () => {
    expectRestricted(podOf(job));
  });

  test("its two references are those that a release puts its version into", () => {
    expect(parseReference(container.image).repository).toBe("package-operator/package-operator-manager");
    const argument = container.args[0].replace("-self-bootstrap=", "");
    expect(parseReference(argument).repository).toBe("package-operator/package-operator-package");
  });
});

interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly volumes?: readonly object[];
  readonly containers: readonly object[];
}

function podOf(workload: JsonObject): PodSpec {
  return (workload as unknown as { spec: { template: { spec: PodSpec } } }).spec.template.spec;
}

function expectRestricted(pod: PodSpec): void {
  expect(pod).toMatchObject({
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  });
  expect(Object.keys(pod).filter((key) => key.startsWith("host"))).toEqual([]);
  for (const volume of pod.volumes ?? []) expect(volume).not.toHaveProperty("hostPath");
  for (const container of pod.containers) {
    expect(container).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
    });
  }
}

describe("the package", async () => {
  const folder = path.join(config, "packages/package-operator");
  const root = loadPackage(await importFolder(folder));
  const parts = [
    { name: "package-operator", folder, part: root },
    ...root.components.map((part) => {
      const { name } = part.manifest.metadata;
      return { name, folder: path.join(folder, "components", name), part };
    }),
  ];

  test("has two components", () => {
    expect(parts.map(({ name }) => name)).toEqual(["package-operator", "hosted-cluster", "remote-phase"]);
  });

  test.each(parts)(
    "$name: the manifest is valid, and each image is named like its repository",
    ({ part }) => {
      const { manifest, lock } = part;
      expect(manifestFieldErrors(manifest, lock)).toEqual([]);
      for (const { name, image } of manifest.spec.images) {
        expect(parseReference(image).repository).toBe(`package-operator/${name}`);
      }
    },
  );

  const cases = parts.flatMap(({ name, folder, part }) =>
    part.manifest.test.template.map((testCase) => ({ name, folder, part, testCase })),
  );

  // npx vitest run test/config.test.ts -u writes the fixtures anew.
  test.each(cases)("$name: $testCase.name renders to its fixtures", async ({ folder, part, testCase }) => {
    const { files } = render(part, testCase.context);
    for (const [file, content] of files) {
      const text = new TextDecoder().decode(content);
      if (!file.endsWith(".yaml") || text.trim() === "") continue;
      await expect(text).toMatchFileSnapshot(path.join(folder, ".test-fixtures", testCase.name, file));
    }
  });

  test("values that YAML would read otherwise reach the environment as they are", () => {
    const values = {
      imagePrefixOverrides: "quay.io/a: b #c=m.io/",
      registryHostOverrides: "*&'\"{[",
      packageHashModifier: 123_456_789,
    };
    const [context] = root.manifest.test.template.map((testCase) => testCase.context);
    const { objects } = render(root, { ...context!, config: values });
    const manager = objects.find(({ object }) => object["kind"] === "Deployment")?.object;
    const env = Object.entries(values).map(([key, value]) => ({
      name: environmentVariables[key as keyof typeof values],
      value: String(value),
    }));
    expect(manager).toMatchObject({
      spec: { template: { spec: { containers: [{ env: expect.arrayContaining(env) as unknown }] } } },
    });
  });

  // The restricted standard of Kubernetes' Pod Security, and a file system that cannot be written.
  test.each(cases)(
    "$name: $testCase.name has no pod with more rights than it needs",
    ({ part, testCase }) => {
      const { objects } = render(part, testCase.context);
      const pods = objects.flatMap(({ object }) => (object["kind"] === "Deployment" ? [podOf(object)] : []));
      expect(pods.length).toBeGreaterThan(0);
      for (const pod of pods) expectRestricted(pod);
    },
  );

  function render(
    part: Package,
    context: Package["manifest"]["test"]["template"][number]["context"],
  ): ReturnType<typeof renderDetails> {
    return renderDetails(part, {
      ...context,
      config: requireConfig(part.manifest, context.config),
      ...placeholderImages(part.manifest),
    });
  }
});
