import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { importFolder } from "./import-folder.ts";
import { loadPackage } from "./load-package.ts";
import { runTemplateTests } from "./template-tests.ts";
import { configMap, failure, manifestText } from "./testing/sample-package.ts";

let folder: string;

/** Every kind has this schema. */
const schema = JSON.stringify({ properties: { data: { type: "object" } } });

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "template-tests-"));
});

afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), text);
}

async function run(): Promise<readonly string[]> {
  const pkg = loadPackage(await importFolder(folder));
  const { written } = await runTemplateTests(pkg, folder, { fetchSchema: async () => schema });
  return written.map((name) => path.relative(folder, name));
}

const read = (name: string): Promise<string> => readFile(path.join(folder, ".test-fixtures/t", name), "utf8");

const tests = `  filter:
    conditions: [{name: never, expression: "false"}]
    paths: [{glob: gone.yaml, expression: cond.never}]
  images: [{name: web, image: nginx:1}]
test:
  template:
  - name: t
    context: {package: {metadata: {name: x, namespace: ns}}}
`;
const dropped = (name: string): string =>
  configMap(name, "first", ["package-operator.run/condition: cond.never"]);

async function writeSample(): Promise<void> {
  await write("manifest.yaml", manifestText(tests));
  await write(
    "a.yaml.gotmpl",
    `${configMap("{{ .package.metadata.namespace }}")}data: {i: '{{ .images.web }}'}\n`,
  );
  await write("static.yaml", `${configMap("kept")}\n---\n\n---\n${dropped("one")}---\n${configMap("last")}`);
  await write("gone.yaml", configMap("gone"));
  await write("only.yaml", dropped("only"));
  await write("_helper.yaml", "x: 1\n");
}

test("missing fixtures are written: filtered, without helpers and without what is left empty", async () => {
  await writeSample();
  expect(await run()).toEqual([".test-fixtures/t"]);
  expect(await read("a.yaml")).toContain("registry.package-operator.run/static-image");
  expect(await read("static.yaml")).toBe(
    `${configMap("kept").trim()}\n---\n\n---\n${configMap("last").trim()}\n`,
  );
  await expect(read("gone.yaml")).rejects.toThrow("ENOENT");
  await expect(read("only.yaml")).rejects.toThrow("ENOENT");
  await expect(read("_helper.yaml")).rejects.toThrow("ENOENT");
  expect(await run()).toEqual([]);
});

test("differences are shown as unified diffs, strangers by name, all of them", async () => {
  await writeSample();
  await run();
  await write(".test-fixtures/t/a.yaml", (await read("a.yaml")).replace("name: ns", "name: other"));
  await write(".test-fixtures/t/dir/new.yaml", "a: 1\n");
  await write(".test-fixtures/t/_helper.yaml", "x: 1\n");
  expect(await failure(run)).toEqual({
    code: "violation",
    message: `file dir/new.yaml should not exist, filtered or empty after template render
File mismatch against fixture in a.yaml: Testcase "t"
--- FIXTURE/a.yaml
+++ ACTUAL/a.yaml
@@ -1,7 +1,7 @@
 apiVersion: v1
 kind: ConfigMap
 metadata:
-  name: other
+  name: ns
   annotations:
     package-operator.run/phase: first
 data: {i: 'registry.package-operator.run/static-image'}`,
  });
});

test("a fixture that is missing among others ends the run", async () => {
  await writeSample();
  await run();
  await rm(path.join(folder, ".test-fixtures/t/a.yaml"));
  expect(await failure(run)).toEqual({
    code: "violation",
    message: `file ${path.join(folder, ".test-fixtures/t/a.yaml")} not found in fixtures folder`,
  });
});

test("components are tested with fixtures of their own", async () => {
  await write("manifest.yaml", manifestText("  components: {}\n"));
  await write("components/c/manifest.yaml", manifestText("test: {template: [{name: t}]}\n"));
  await write("components/c/a.yaml", configMap("a"));
  expect(await run()).toEqual(["components/c/.test-fixtures/t"]);
  expect(await run()).toEqual([]);
});

test("a name that leaves the folder is refused", async () => {
  await write("manifest.yaml", manifestText("test: {template: [{name: ../../x}]}\n"));
  expect(await failure(run)).toMatchObject({ code: "fields" });
});

test("objects are held to schemas where the manifest says so, rendered ones too", async () => {
  const more = "test: {template: [{name: t}], kubeconform: {kubernetesVersion: v1.29.5}}\n";
  await write("manifest.yaml", manifestText(more));
  await write("a.yaml.gotmpl", `${configMap("a")}data: {{ 1 }}\n`);
  await write("b.yaml", `${configMap("b")}data: x\n`);
  const rejected = (name: string): string =>
    `Kubeconform rejected schema in ${name} idx 0: problem validating schema. Check JSON formatting: `;
  const first = await failure(run);
  expect(first.message).toMatch(
    /^Kubeconform rejected schema in b\.yaml idx 0: .* - at '\/data': must be object$/,
  );
  const second = await failure(run);
  expect(second.message.split("\n").map((line) => line.slice(0, line.indexOf("jsonschema")))).toEqual(
    ["a.yaml", "b.yaml", "b.yaml"].map(rejected),
  );
});
