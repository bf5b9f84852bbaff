import { readFile } from "node:fs/promises";
import path from "node:path";
import { decodeYaml, splitDocuments, type JsonValue } from "@package-operator/kube-yaml";
import { decompress, readTar } from "@package-operator/oci";
import { expect, test } from "vitest";
import { releaseBootstrapManifest } from "./bootstrap-manifest.ts";
import { chartVersion, packageHelmChart } from "./helm-chart.ts";

const configDir = path.resolve(import.meta.dirname, "../../../config");
const names = { registryPrefix: "quay.io/package-operator", tag: "v1.18.2-rc.1" };

async function chartFiles(): Promise<Map<string, string>> {
  const { content } = await packageHelmChart(configDir, names);
  const files = new Map<string, string>();
  const stream = (async function* () {
    yield content;
  })();
  for await (const entry of readTar(decompress(stream))) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry.content) chunks.push(chunk);
    files.set(entry.path, Buffer.concat(chunks).toString("utf8"));
  }
  return files;
}

test("versions and references are this release's", async () => {
  const files = await chartFiles();
  expect(decodeYaml(files.get("package-operator/Chart.yaml")!)).toMatchObject({
    apiVersion: "v2",
    name: "package-operator",
    version: "1.18.2",
    appVersion: "v1.18.2-rc.1",
  });
  expect(decodeYaml(files.get("package-operator/values.yaml")!)).toMatchObject({
    Images: {
      "package-operator-manager": "quay.io/package-operator/package-operator-manager:v1.18.2-rc.1",
      "package-operator-package": "quay.io/package-operator/package-operator-package:v1.18.2-rc.1",
    },
  });
});

test("the same input gives the same bytes", async () => {
  const [one, two] = [await packageHelmChart(configDir, names), await packageHelmChart(configDir, names)];
  expect(Buffer.compare(one.content, two.content)).toBe(0);
});

test("every value has a place in the schema, and the schema names nothing else", async () => {
  const files = await chartFiles();
  const values = decodeYaml(files.get("package-operator/values.yaml")!) as Record<string, JsonValue>;
  const schema = JSON.parse(files.get("package-operator/values.schema.json")!) as { properties: object };
  expect(
    Object.keys(schema.properties)
      .filter((key) => key !== "global")
      .toSorted(),
  ).toEqual(Object.keys(values).toSorted());
});

test("the objects of the template are those of the bootstrap manifest", async () => {
  const template = await readFile(
    path.join(configDir, "helm/package-operator/templates/self-bootstrap-job.yaml"),
    "utf8",
  );
  const kinds = (text: string): string[] => [...text.matchAll(/^kind: (\w+)$/gm)].map((match) => match[1]!);
  const manifest = await releaseBootstrapManifest(configDir, names);
  expect(kinds(template)).toEqual(splitDocuments(manifest).flatMap(kinds));
});

test.each([
  ["v1.2.3", "1.2.3"],
  ["1.2.3", "1.2.3"],
  ["v1.2.3-4-gabcdef", "1.2.3"],
])("%s gives chart version %s", (tag, version) => {
  expect(chartVersion(tag)).toBe(version);
});

test("a tag that is no version is refused", () => {
  expect(() => chartVersion("latest")).toThrow(expect.objectContaining({ code: "input" }));
});
