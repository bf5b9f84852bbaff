import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inFolder, object, toolshed } from "../testing/toolshed.ts";
import { createWorkspace, type Workspace } from "../testing/workspace.ts";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await createWorkspace(inFolder("toolshed", toolshed));
});
afterEach(() => workspace.remove());

const manifest = (extra: string, spec = ""): string =>
  `${toolshed["manifest.yaml"]!.replace("spec:\n", `spec:\n${spec}`)}${extra}`;
const failure = (message: string): object => ({
  code: 1,
  stdout: "",
  stderr: `Error: rendering package: ${message}\n`,
});
const phases = `└── Phase prepare
│   ├── /v1, Kind=ConfigMap /shed-plan
│   ├── /v1, Kind=ServiceAccount /keeper
└── Phase run
│   ├── apps/v1, Kind=StatefulSet /shed
└── Phase open
    └── /v1, Kind=Service /NAME
    └── networking.k8s.io/v1, Kind=NetworkPolicy /shed-door
`;

test("phases and objects", async () => {
  expect(await workspace.run("tree", "toolshed")).toEqual({
    code: 0,
    stdout: `toolshed\nPackage namespace/name\n${phases.replace("NAME", "name")}`,
    stderr: "",
  });
  const { stdout } = await workspace.run("tree", "toolshed", "--cluster");
  expect(stdout).toBe(`toolshed\nClusterPackage /name\n${phases.replace("NAME", "name")}`);
});

test("objects come in path order with / before everything else", async () => {
  const names = ["bat.yaml", "b.yaml", "b-c.yml", "b/x.yaml", "b/a/deep.yaml"];
  const files = Object.fromEntries(
    names.map((name) => [name, object("v1", "ConfigMap", name.replaceAll(/[/.]/g, "-"), "run")]),
  );
  await workspace.write(inFolder("order", { ...files, "manifest.yaml": toolshed["manifest.yaml"]! }));
  const { stdout } = await workspace.run("tree", "order");
  expect(stdout.match(/b[a-z-]+$/gm)).toEqual(["b-a-deep-yaml", "b-x-yaml", "b-c-yml", "b-yaml", "bat-yaml"]);
});

test("a package without objects has a head only", async () => {
  await workspace.write({ "empty/manifest.yaml": toolshed["manifest.yaml"]! });
  expect((await workspace.run("tree", "empty")).stdout).toBe("toolshed\nPackage namespace/name\n");
});

test("as JSON", async () => {
  const { stdout } = await workspace.run("tree", "toolshed", "--output", "json");
  expect(JSON.parse(stdout)).toMatchObject({
    name: "toolshed",
    kind: "Package",
    package: { name: "name", namespace: "namespace" },
    phases: [
      { name: "prepare", objects: [{ group: "", version: "v1", kind: "ConfigMap", name: "shed-plan" }, {}] },
      {},
      {},
    ],
  });
});

describe("where data comes from", () => {
  const config =
    "  config: {openAPIV3Schema: {type: object, required: [size], properties: {size: {type: integer}, door: {type: string, default: oak}}}}\n" +
    "  filter: {conditions: [{name: isShift, expression: 'has(environment.openShift)'}]}\n";
  const tests = `test:
  template:
  - name: small
    context: {package: {metadata: {name: mini, namespace: yard}}, config: {size: 1}}
  - name: big
    context:
      package: {metadata: {name: maxi}}
      config: {size: 2}
      environment: {kubernetes: {version: v1.29.5}, openShift: {version: "4.15"}}
`;
  const template = `{{ if eq .config.size 2.0 }}${object("v1", "Secret", "two-{{ .config.door }}", "run")}{{ end }}
---
${object("v1", "Secret", "shift", "run").replace("annotations:\n", "annotations:\n    package-operator.run/condition: cond.isShift\n")}`;
  beforeEach(() =>
    workspace.write({
      "toolshed/manifest.yaml": manifest(tests, config),
      "toolshed/z.yaml.gotmpl": template,
    }),
  );

  test("the first test case, or the named one with its environment", async () => {
    const first = await workspace.run("tree", "toolshed");
    expect(first.stdout).toContain("Package yard/mini\n");
    expect(first.stdout).not.toContain("Secret");
    const second = await workspace.run("tree", "toolshed", "--config-testcase", "big");
    expect(second.stdout).toContain("ClusterPackage /maxi\n");
    expect(second.stdout).toContain("Kind=Secret /two-oak\n");
    expect(second.stdout).toContain("Kind=Secret /shift\n");
  });

  test("files", async () => {
    await workspace.write({
      "config.json": '{"size": 2, "door": "ash", "unknown": 1}',
      "environment.yaml": "kubernetes: {version: v1.30.0}\nopenShift: {version: '4.16'}\n",
    });
    const { stdout } = await workspace.run(
      ...["tree", "toolshed", "--config-path", "config.json", "--environment-path", "environment.yaml"],
    );
    expect(stdout).toContain("Package yard/mini\n");
    expect(stdout).toContain("Kind=Secret /two-ash\n");
    expect(stdout).toContain("Kind=Secret /shift\n");
  });

  test.each([
    [["--config-testcase=huge"], "test template with name huge not found"],
    [
      ["--config-path=none.yaml"],
      "getting config: read config from file: open none.yaml: no such file or directory",
    ],
    [["--config-path=empty.yaml"], "spec.config.size: Required value"],
    [["--environment-path=text.yaml"], "environment file text.yaml holds no object"],
  ])("%j", async (args, message) => {
    await workspace.write({ "empty.yaml": "", "text.yaml": "text\n" });
    expect(await workspace.run("tree", "toolshed", ...args)).toEqual(failure(message));
  });

  test("a file that is no YAML", async () => {
    await workspace.write({ "bad.yaml": "a: [" });
    const { stderr } = await workspace.run("tree", "toolshed", "--config-path=bad.yaml");
    expect(stderr).toMatch(
      /^Error: rendering package: getting config: unmarshal config from file bad\.yaml: /,
    );
  });
});

describe("components", () => {
  beforeEach(() =>
    workspace.write({
      "toolshed/manifest.yaml": manifest("", "  components: {}\n"),
      ...inFolder("toolshed/components/roof", {
        "manifest.yaml": toolshed["manifest.yaml"]!,
        "tile.yaml": object("v1", "ConfigMap", "tile", "run"),
      }),
      "toolshed/components/broken/manifest.yaml": "kind: [",
    }),
  );

  test("are rendered by name", async () => {
    expect((await workspace.run("tree", "toolshed")).stdout).not.toContain("tile");
    expect(await workspace.run("tree", "toolshed", "--component", "roof")).toEqual({
      code: 0,
      stdout: "roof\nPackage namespace/name\n└── Phase run\n    └── /v1, Kind=ConfigMap /tile\n",
      stderr: "",
    });
  });

  test("all of them, unless one is broken", async () => {
    expect((await workspace.run("tree", "toolshed", "--all-components")).stderr).toMatch(
      /parsing package contents: Invalid YAML in manifest\.yaml \[broken\]/,
    );
    await workspace.write({ "toolshed/components/broken/manifest.yaml": toolshed["manifest.yaml"]! });
    const { stdout } = await workspace.run("tree", "toolshed", "--all-components");
    expect(stdout.match(/^[a-z]+$/gm)).toEqual(["toolshed", "broken", "roof"]);
  });

  test("that are not there", async () => {
    expect(await workspace.run("tree", "toolshed", "--component", "nope")).toEqual(
      failure("parsing package contents: Component not found [nope]"),
    );
    await workspace.write({ "toolshed/manifest.yaml": manifest("") });
    expect(await workspace.run("tree", "toolshed", "--component", "roof")).toEqual(
      failure("parsing package contents: Components not enabled"),
    );
  });
});

describe("errors", () => {
  test("a missing folder", async () => {
    expect(await workspace.run("tree", "nowhere")).toEqual(
      failure(
        "loading package contents from folder: walk source dir: access file .: stat .: no such file or directory",
      ),
    );
  });

  test("a scope the manifest does not list", async () => {
    await workspace.write({
      "toolshed/manifest.yaml": manifest("").replace("[Cluster, Namespaced]", "[Namespaced]"),
    });
    expect(await workspace.run("tree", "toolshed", "--cluster")).toEqual(
      failure("parsing package contents: Package unsupported scope in manifest.yaml"),
    );
  });

  test("a condition map that upstream crashes on", async () => {
    const wrong = object("v1", "ConfigMap", "x", "run").replace(
      "annotations:\n",
      "annotations:\n    package-operator.run/condition-map: nonsense\n",
    );
    await workspace.write({ "toolshed/x.yaml": wrong });
    for (const command of ["tree", "validate"]) {
      const { code, stderr } = await workspace.run(command, "toolshed");
      expect(code).toBe(1);
      expect(stderr).toContain("expected 2 part mapping got 1 in line 1");
    }
  });

  test("two flags that exclude each other", async () => {
    expect((await workspace.run("tree", "x", "--config-path=a", "--config-testcase=b")).stderr).toBe(
      "Error: if any flags in the group [config-path config-testcase] are set none of the others can be; [config-path config-testcase] were all set\n",
    );
  });
});
