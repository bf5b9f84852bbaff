import { readFile } from "node:fs/promises";
import path from "node:path";
import { environmentVariables, installation, labels } from "@package-operator/api";
import { parseReference } from "@package-operator/image";
import { decodeYaml, type JsonObject, splitDocuments } from "@package-operator/kube-yaml";
import { importFolder, loadPackage, manifestFieldErrors, type Package } from "@package-operator/packaging";
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

  test("its two references are those that a release puts its version into", () => {
    expect(parseReference(container.image).repository).toBe("package-operator/package-operator-manager");
    const argument = container.args[0].replace("-self-bootstrap=", "");
    expect(parseReference(argument).repository).toBe("package-operator/package-operator-package");
  });
});

describe("the package", async () => {
  const root = loadPackage(await importFolder(path.join(config, "packages/package-operator")));
  const parts = [root, ...(root.components ?? [])];

  test("has two components", () => {
    expect(parts.map(({ manifest }) => manifest.metadata.name)).toEqual([
      "package-operator",
      "hosted-cluster",
      "remote-phase",
    ]);
  });

  test.each(parts.map((part): [string, Package] => [part.manifest.metadata.name, part]))(
    "%s: the manifest is valid, and each image is named like its repository",
    (_, { manifest, lock }) => {
      expect(manifestFieldErrors(manifest, lock)).toEqual([]);
      for (const { name, image } of manifest.spec.images ?? []) {
        expect(parseReference(image).repository).toBe(`package-operator/${name}`);
      }
    },
  );
});
