import { rm, symlink } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runReadOnly } from "../testing/read-only.ts";
import { inFolder, object, toolshed } from "../testing/toolshed.ts";
import { createWorkspace, startRegistry, type Workspace } from "../testing/workspace.ts";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await createWorkspace(inFolder("toolshed", toolshed));
});
afterEach(() => workspace.remove());

const success = { code: 0, stdout: "Package validated successfully!", stderr: "" };
const failure = (message: string): object => ({ code: 1, stdout: "", stderr: `Error: ${message}\n` });
const manifest = (spec: string): string => `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifest
metadata: {name: shed}
spec:
  phases: [{name: run}]
${spec}`;

test("a sound folder", async () => {
  expect(await workspace.run("validate", "toolshed")).toEqual(success);
  expect(await workspace.run("validate", path.join(workspace.dir, "toolshed"))).toEqual(success);
});

test("a folder behind a symbolic link", async () => {
  await symlink(path.join(workspace.dir, "toolshed"), path.join(workspace.dir, "link"));
  expect(await workspace.run("validate", "link")).toEqual(success);
});

describe("what is no package", () => {
  test.each([
    ["", "arguments invalid: 'target' must not be empty"],
    [
      "nowhere",
      "validating package: getting package from path: importing package from folder: walk source dir: access file .: stat .: no such file or directory",
    ],
    [
      "toolshed/manifest.yaml",
      "validating package: getting package from path: importing package from folder: walk source dir: access file .: stat .: not a directory",
    ],
    [
      "missing.tar",
      "validating package: getting package from path: importing package from archive: open missing.tar: no such file or directory",
    ],
    [
      "--pull=true Up/Case",
      "validating package: getting package from remote reference: parsing remote reference: could not parse reference: Up/Case",
    ],
  ])("%j", async (line, message) => {
    expect(await workspace.run("validate", ...line.split(" "))).toEqual(failure(message));
  });

  test("an empty folder", async () => {
    await workspace.write({ "empty/.hidden": "" });
    expect(await workspace.run("validate", "empty")).toEqual(
      failure("validating package: PackageManifest not found: searched at manifest.yaml and manifest.yml"),
    );
  });
});

describe("findings", () => {
  test("of several validators stand below each other", async () => {
    await workspace.write({
      "multi/manifest.yaml": manifest("  images: [{name: web, image: 'registry.invalid/web:1'}]\n"),
      "multi/manifest.lock.yaml": `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifestLock
metadata: {creationTimestamp: "2026-11-22T16:07:24Z"}
spec: {images: [{name: web, image: "127.0.0.1:9/web:1", digest: "sha256:${"1".repeat(64)}"}]}
`,
      "multi/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
    });
    expect(await workspace.run("validate", "multi")).toEqual(
      failure(
        "validating package: loading package from files: spec.scopes: Required value\n" +
          'Image specified in manifest does not match with lockfile. Try running: kubectl package update: "web": "registry.invalid/web:1" vs "127.0.0.1:9/web:1"\n' +
          "loading package from files: Missing package-operator.run/phase Annotation in cm.yaml idx 0",
      ),
    );
  });

  test("broken YAML names file and document", async () => {
    await workspace.write({ "toolshed/f.yaml": `${object("v1", "Secret", "x", "run")}---\na: [` });
    const { code, stderr } = await workspace.run("validate", "toolshed");
    expect(code).toBe(1);
    expect(stderr).toMatch(/Invalid YAML in f\.yaml idx 1: /);
  });

  test("a schema that is not structural", async () => {
    await workspace.write({
      "toolshed/manifest.yaml": manifest(
        "  scopes: [Namespaced]\n  config: {openAPIV3Schema: {type: object, properties: {x: {}}}}\n",
      ),
    });
    const { stderr } = await workspace.run("validate", "toolshed");
    expect(stderr).toContain("spec.config.openAPIV3Schema.properties[x].type: Required value");
  });

  test("a template error in the third file of ten", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [
        `toolshed/t${index}.yaml.gotmpl`,
        index === 2 ? "{{ .nope.deeper }}" : object("v1", "Secret", `s${index}`, "run"),
      ]),
    );
    const test =
      "test: {template: [{name: only, context: {package: {metadata: {name: a, namespace: b}}}}]}\n";
    await workspace.write({ ...files, "toolshed/manifest.yaml": `${toolshed["manifest.yaml"]!}${test}` });
    const { code, stderr } = await workspace.run("validate", "toolshed");
    expect(code).toBe(1);
    expect(stderr).toContain("executing template from t2.yaml.gotmpl");
    expect(stderr).not.toContain("t3.yaml.gotmpl");
  });

  test("two errors in components name them", async () => {
    const component = manifest("  scopes: []\n").replace("{name: shed}", "{name: x}");
    await workspace.write({
      ...inFolder("shed", { "manifest.yaml": manifest("  scopes: [Namespaced]\n  components: {}\n") }),
      ...inFolder("shed/components/roof", { "manifest.yaml": component }),
      ...inFolder("shed/components/wall", {
        "manifest.yaml": manifest("  scopes: [Namespaced]\n"),
        "cm.yaml": object("v1", "ConfigMap", "x", "nope"),
      }),
    });
    const { stderr } = await workspace.run("validate", "shed");
    expect(stderr).toContain('component "roof": spec.scopes: Required value');
    expect(stderr).toContain(
      'component "wall": loading package from files: Phase name not found in manifest in cm.yaml idx 0',
    );
  });

  test("as JSON", async () => {
    await workspace.write({ "toolshed/f.yaml": object("v1", "Secret", "x", "nope") });
    const { code, stdout, stderr } = await workspace.run("validate", "toolshed", "--output=json");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      valid: false,
      error: expect.stringContaining("Phase name not found in manifest in f.yaml idx 0"),
      violations: [{ reason: "phase-unknown", path: "f.yaml", index: 0 }],
      warnings: [],
    });
  });
});

describe("warnings", () => {
  beforeEach(() => workspace.write({ "toolshed/f.yaml.gotmpl": "image: {{ .images.web }}{{ nope }}\n" }));

  test("go to stderr and do not fail the check", async () => {
    const { code, stdout, stderr } = await workspace.run("validate", "toolshed");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Package validated successfully!" });
    expect(stderr).toBe(
      'Warning: template: f.yaml.gotmpl:1: function "nope" not defined\n' +
        'Warning: image "web" is used in f.yaml.gotmpl, but not in spec.images of the manifest\n',
    );
  });

  test("as JSON", async () => {
    const { stdout, stderr } = await workspace.run("validate", "toolshed", "--output=json");
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      valid: true,
      violations: [],
      warnings: [{ code: "template", path: "f.yaml.gotmpl" }, { code: "undeclared-image" }],
    });
  });
});

describe("template tests", () => {
  const tests =
    "test: {template: [{name: default, context: {package: {metadata: {name: keeper, namespace: yard}}}}]}\n";
  const rake = (state: string): string =>
    `${object("v1", "ConfigMap", "tools", "prepare")}data:\n  saw: sharp\n  rake: ${state}\n`;
  beforeEach(async () => {
    await workspace.write({
      "toolshed/manifest.yaml": `${toolshed["manifest.yaml"]!}${tests}`,
      "toolshed/tools.yaml": rake("bent"),
    });
  });

  test("write missing fixtures and say so, then compare", async () => {
    const first = await workspace.run("validate", "toolshed");
    expect(first).toMatchObject({ code: 0, stdout: "Package validated successfully!" });
    expect(first.stderr).toBe(
      "Wrote fixtures to toolshed/.test-fixtures/default: review them, they are what the tests compare with\n",
    );
    expect(await workspace.read("toolshed/.test-fixtures/default/d-service.yaml")).toContain("name: keeper");
    expect(await workspace.run("validate", "toolshed")).toEqual(success);
  });

  test("show the difference as diff does", async () => {
    await workspace.run("validate", "toolshed");
    await workspace.write({ "toolshed/tools.yaml": rake("straight") });
    expect(await workspace.run("validate", "toolshed")).toEqual(
      failure(
        "validating package: loading package from files: " +
          `File mismatch against fixture in tools.yaml: Testcase "default"
--- FIXTURE/tools.yaml
+++ ACTUAL/tools.yaml
@@ -6,4 +6,4 @@
     package-operator.run/phase: prepare
 data:
   saw: sharp
-  rake: bent
+  rake: straight`,
      ),
    );
    const update = await workspace.run("validate", "toolshed", "--update-fixtures");
    expect(update.code).toBe(0);
    expect(await workspace.run("validate", "toolshed")).toEqual(success);
  });

  test("a fixture without counterpart, and one that is missing", async () => {
    await workspace.run("validate", "toolshed");
    await workspace.write({ "toolshed/.test-fixtures/default/old.yaml": "a: 1\n" });
    expect((await workspace.run("validate", "toolshed")).stderr).toContain(
      "file old.yaml should not exist, filtered or empty after template render",
    );
    await rm(path.join(workspace.dir, "toolshed/.test-fixtures/default/tools.yaml"));
    expect((await workspace.run("validate", "toolshed")).stderr).toContain(
      "file toolshed/.test-fixtures/default/tools.yaml not found in fixtures folder",
    );
  });

  test("--no-generate fails for missing fixtures", async () => {
    expect(await workspace.run("validate", "toolshed", "--no-generate")).toEqual(
      failure(
        "validating package: loading package from files: fixtures are missing: toolshed/.test-fixtures/default (created without --no-generate)",
      ),
    );
  });

  test("--update-fixtures keeps the old ones when rendering fails", async () => {
    await workspace.run("validate", "toolshed");
    await workspace.write({ "toolshed/z.yaml.gotmpl": "{{ fail `no` }}" });
    expect((await workspace.run("validate", "toolshed", "--update-fixtures")).code).toBe(1);
    expect(await workspace.read("toolshed/.test-fixtures/default/tools.yaml")).toBe(rake("bent"));
  });

  test("a folder that cannot be written", async () => {
    const { code, stderr } = await runReadOnly(workspace, "toolshed", "validate", "toolshed");
    expect(code).toBe(1);
    expect(stderr).toContain("permission denied");
    expect(stderr).toContain("the folder must be writable");
  });
});

test("an archive that build wrote, and a bad one", async () => {
  await workspace.run("build", "toolshed", "-o", "x.tar", "-t", "toolshed");
  expect(await workspace.run("validate", "x.tar")).toEqual(success);
  await workspace.write({ "bad.tar.gz": "no tar at all" });
  const { code, stderr } = await workspace.run("validate", "bad.tar.gz");
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^Error: validating package: getting package from path: importing package from archive: read/,
  );
});

test("an image, and one that is not there", async () => {
  const registry = await startRegistry();
  try {
    await registry.add("yard/toolshed", "v1", toolshed);
    expect(await workspace.run("validate", "--pull", `${registry.address}/yard/toolshed:v1`)).toEqual(
      success,
    );
    const { code, stderr } = await workspace.run("validate", "--pull", `${registry.address}/yard/nope:v1`);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "Error: validating package: getting package from remote reference: importing package from image: " +
        `GET http://${registry.address}/v2/yard/nope/manifests/v1: `,
    );
  } finally {
    await registry.close();
  }
});

test("Kubernetes' own kinds are held to schemas that need no network", async () => {
  const kubeconform = "test: {kubeconform: {kubernetesVersion: v1.31.0}}\n";
  await workspace.write({ "toolshed/manifest.yaml": `${toolshed["manifest.yaml"]!}${kubeconform}` });
  await workspace.write({ "toolshed/a-plan.yaml": `${toolshed["a-plan.yaml"]!}data: {rake: bent}\n` });
  expect(await workspace.run("validate", "toolshed")).toEqual(success);
  await workspace.write({ "toolshed/a-plan.yaml": `${toolshed["a-plan.yaml"]!}data: {rake: 3}\n` });
  expect(await workspace.run("validate", "toolshed")).toEqual(
    failure(
      "validating package: loading package from files: " +
        "Kubeconform rejected schema in a-plan.yaml idx 0: problem validating schema. Check JSON formatting: " +
        "jsonschema validation failed with 'kubernetes:v1/ConfigMap' - at '/data/rake': must be string",
    ),
  );
});

test("objects are held to the schemas that the manifest names", async () => {
  const schemas = path.join(workspace.dir, "schemas/{{ .ResourceKind }}{{ .KindSuffix }}.json");
  const kubeconform = `  kubeconform: {kubernetesVersion: v1.31.0, schemaLocations: ["${schemas}"]}\n`;
  const more = "data: {rake: bent}\n";
  await workspace.write({
    "toolshed/manifest.yaml": `${toolshed["manifest.yaml"]!}test:\n${kubeconform}`,
    "toolshed/a-plan.yaml": `${toolshed["a-plan.yaml"]!}${more}`,
    "schemas/configmap-v1.json": JSON.stringify({
      properties: { data: { additionalProperties: { type: "string" } } },
    }),
  });
  expect(await workspace.run("validate", "toolshed")).toEqual(success);
  await workspace.write({ "toolshed/a-plan.yaml": `${toolshed["a-plan.yaml"]!}data: {rake: 3}\n` });
  const { code, stderr } = await workspace.run("validate", "toolshed");
  expect(code).toBe(1);
  expect(stderr).toContain("Kubeconform rejected schema in a-plan.yaml idx 0: problem validating schema.");
});
