import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { access } from "node:fs/promises";
import path from "node:path";
import { buildImage, createLayer, storageContent, writeImage } from "@package-operator/oci";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runReadOnly } from "../testing/read-only.ts";
import { createWorkspace, startRegistry, type Workspace } from "../testing/workspace.ts";

const plan = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plan, namespace: yard}\n";
const shed = `apiVersion: apps/v1
kind: Deployment
metadata: {name: shed, namespace: yard}
spec: {template: {spec: {containers: [{name: shed, image: "quay.io/yard/shed:v1"}]}}}
`;
const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: lonely}\n";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await createWorkspace({
    "in/a.yaml": plan,
    "in/b.yaml": shed,
    "in/c.json": "not read",
    "in/deep/d.yaml": "not read",
  });
});
afterEach(() => workspace.remove());

const kickstart = (...args: string[]): ReturnType<Workspace["run"]> => workspace.run("kickstart", ...args);
const success = (name: string, count: number): object => ({
  code: 0,
  stdout: `Kickstarted the "${name}" package with ${count} objects.`,
  stderr: "",
});
const failure = (message: string): object => ({
  code: 1,
  stdout: "",
  stderr: `Error: kickstarting package: ${message}\n`,
});

test("a folder of objects becomes a package that is valid at once", async () => {
  expect(await kickstart("pkg", "-f", "in")).toEqual(success("pkg", 2));
  expect((await workspace.run("validate", "pkg")).stdout).toBe("Package validated successfully!");
  expect((await workspace.run("tree", "pkg", "--cluster")).stdout).toBe(`pkg
ClusterPackage /name
└── Phase namespaces
│   ├── /v1, Kind=Namespace /yard
└── Phase deploy
    └── /v1, Kind=ConfigMap yard/plan
    └── apps/v1, Kind=Deployment yard/shed
`);
});

test.each([["replicas"], ["tolerations"], ["nodeselectors"], ["resources"], ["env"], ["namespaces"]])(
  "parametrised by %s it is, too",
  async (word) => {
    expect(await kickstart("pkg", "-f", "in", "-p", word)).toEqual(success("pkg", 2));
    expect(await workspace.run("validate", "pkg")).toMatchObject({ code: 0 });
    expect((await workspace.run("tree", "pkg")).stdout).toContain("Kind=Deployment yard/shed\n");
  },
);

test("images are to be locked next", async () => {
  const { stdout, stderr } = await kickstart("pkg", "-f", "in/b.yaml", "-p", "images");
  expect(stdout).toBe('Kickstarted the "pkg" package with 1 objects.');
  expect(stderr).toBe('Run "kubectl package update pkg" next: the images are not locked yet\n');
});

test("kinds without probes are listed", async () => {
  await workspace.write({ "pod.yaml": pod });
  expect((await kickstart("pkg", "-f", "pod.yaml")).stdout).toBe(
    'Kickstarted the "pkg" package with 1 objects.\n' +
      "[WARN] Some kinds don't have availability probes defined:\n- Pod\n",
  );
});

test("as JSON", async () => {
  await workspace.write({ "pod.yaml": pod });
  const { code, stdout } = await kickstart("in/pkg", "-f", "pod.yaml", "--output", "json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    name: "pkg",
    folder: "in/pkg",
    objects: 1,
    kindsWithoutProbes: ["Pod"],
    needsUpdate: false,
  });
});

test("the last part of a path is the name", async () => {
  expect(await kickstart("in/pkg", "-f", "in/a.yaml")).toEqual(success("pkg", 1));
  expect(await workspace.read("in/pkg/manifest.yaml")).toContain("name: pkg\n");
});

describe("sources", () => {
  test("patterns, repeated flags, JSON and stdin once", async () => {
    await workspace.write({
      "x/one.json": JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" } }),
    });
    const args = ["kickstart", "pkg", "-f", "in/[ab].y*ml,-", "-f", "x/one.json", "-f", "-"];
    expect(await workspace.runWith({ input: `${plan.replace("plan", "other")}---\n` }, ...args)).toEqual(
      success("pkg", 4),
    );
  });

  test("URLs, and what other answers than 2xx mean", async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/plan.yaml" ? 200 : 404;
      response.end(request.url === "/plan.yaml" ? plan : "<html>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const env = { HTTP_PROXY: "http://127.0.0.1:9" };
      expect(await workspace.runWith({ env }, "kickstart", "pkg", "-f", `${base}/plan.yaml`)).toEqual(
        success("pkg", 1),
      );
      expect(await kickstart("other", "-f", `${base}/nope`)).toEqual(
        failure(`get input: HTTP get: Get "${base}/nope": 404 Not Found`),
      );
      const { stderr } = await workspace.runWith(
        { env },
        "kickstart",
        "other",
        "-f",
        "http://yard.invalid/x",
      );
      expect(stderr).toContain("127.0.0.1:9");
    } finally {
      server.close();
    }
  });

  test("an OLM bundle names the package", async () => {
    const registry = await startRegistry();
    try {
      const csv = {
        apiVersion: "operators.coreos.com/v1alpha1",
        kind: "ClusterServiceVersion",
        metadata: { name: "rake.v1" },
        spec: {
          installModes: [{ type: "AllNamespaces", supported: true }],
          install: { spec: { deployments: [{ name: "rake", spec: {} }] } },
        },
      };
      const annotations = { "operators.operatorframework.io.bundle.package.v1": "rake" };
      const layer = await createLayer([
        { path: "manifests/csv.yaml", content: Buffer.from(JSON.stringify(csv)) },
        { path: "metadata/annotations.yaml", content: Buffer.from(JSON.stringify({ annotations })) },
      ]);
      const content = storageContent(registry.storage, "yard/bundle");
      await writeImage(content, buildImage({ layers: [layer] }), { tags: ["v1"] });
      await writeImage(content, buildImage({ layers: [] }), { tags: ["empty"] });
      const image = `${registry.address}/yard/bundle`;
      expect(await kickstart("pkg", "-b", `${image}:v1`)).toEqual(success("rake", 1));
      expect(await workspace.read("pkg/manifest.yaml")).toContain("name: rake\n");
      expect(await kickstart("other", "-b", `${image}:empty`)).toEqual(
        failure(
          "import olm bundle: converting OLM Bundle to static manifests: open metadata/annotations.yaml: file does not exist",
        ),
      );
      expect((await kickstart("other", "-b", `${image}:gone`)).stderr).toMatch(
        /^Error: kickstarting package: GET http:.*MANIFEST_UNKNOWN/,
      );
    } finally {
      await registry.close();
    }
  });
});

describe("errors", () => {
  test.each([
    [["in"], "package folder already exists: in"],
    [[""], "the name of the package is empty"],
    [["a/b", "-f", "in"], "create directory: mkdir a/b: no such file or directory"],
    [["pkg", "-f", "missing.yaml"], "get input: expand pattern: missing.yaml: file does not exist"],
    [["pkg", "-f", "["], 'get input: expand pattern: pattern "[" is not valid: syntax error in pattern'],
    [
      ["pkg", "-p", "colour"],
      'unknown parameter "colour": known are namespaces, replicas, tolerations, nodeselectors, resources, env, images and all',
    ],
    [
      ["pkg", "-f", "in/c.json"],
      "get input: loading kubernetes objects: unmarshalling yaml document at index 0: this is no object",
    ],
    [
      ["pkg", "-f", "in/a.yaml", "-f", "in/a.yaml"],
      "duplicate object: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: plan\n  namespace: yard\n'",
    ],
    [["pkg", "-b", "No/Way"], "could not parse reference: No/Way"],
  ])("%j", async (args, message) => {
    expect(await kickstart(...args)).toEqual(failure(message));
    await expect(access(path.join(workspace.dir, "pkg"))).rejects.toThrow("ENOENT");
  });

  test("a folder that cannot be written", async () => {
    expect(await runReadOnly(workspace, ".", "kickstart", "pkg", "-f", "in")).toEqual(
      failure("create directory: mkdir pkg: permission denied"),
    );
  });
});
