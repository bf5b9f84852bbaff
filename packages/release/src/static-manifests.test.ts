import path from "node:path";
import { decodeYaml, type JsonObject } from "@package-operator/kube-yaml";
import { expect, test } from "vitest";
import { assemblePackage } from "./assemble-package.ts";
import { staticManifests } from "./static-manifests.ts";

test("the package's objects in installation order, without marks of a package", async () => {
  const raw = await assemblePackage({
    configDir: path.resolve(import.meta.dirname, "../../../config"),
    registryPrefix: "quay.io/o",
    tag: "v1.0.0",
    created: "1970-01-01T00:00:00Z",
    digests: {
      "package-operator-manager": `sha256:${"1".repeat(64)}`,
      "remote-phase-manager": `sha256:${"2".repeat(64)}`,
    },
  });
  const text = staticManifests(raw, "quay.io/o/package-operator-package:v1.0.0");
  const objects = text.split("---\n").map((document) => decodeYaml(document) as JsonObject);
  const kinds = objects.map(({ kind }) => kind);
  expect(kinds.slice(0, 14)).toEqual([
    ...Array.from({ length: 13 }, () => "CustomResourceDefinition"),
    "Namespace",
  ]);
  expect(kinds).toEqual(
    expect.arrayContaining(["ServiceAccount", "ClusterRoleBinding", "Service", "Deployment"]),
  );
  expect(text).toContain(`image: quay.io/o/package-operator-manager@sha256:${"1".repeat(64)}`);
  expect(text).not.toMatch(/package-operator\.run\/(phase|package|instance):/);
});
