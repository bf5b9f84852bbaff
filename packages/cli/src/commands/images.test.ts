import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWorkspace, startRegistry, type TestRegistry, type Workspace } from "../testing/workspace.ts";

const HEADER = "apiVersion: manifests.package-operator.run/v1alpha1\n";
const manifest = `${HEADER}kind: PackageManifest
metadata: {name: app}
spec:
  scopes: [Cluster]
  phases: [{name: deploy}]
  images: [{name: web, image: "quay.io/org/web:v1"}]
`;
const lock = (digest: string): string =>
  `${HEADER}kind: PackageManifestLock\nspec:\n  images: [{name: web, image: "quay.io/org/web:v1", digest: "${digest}"}]\n`;
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {package-operator.run/phase: deploy}}
spec:
  template:
    spec:
      initContainers: [{name: init, image: busybox}]
      containers:
      - name: web
        image: "{{ .images.web }}"
        args: ["--sidecar=ghcr.io/other/sidecar:v3", "--listen=127.0.0.1:8080", "https://quay.io/org/page:v1"]
        env: [{name: SELF, value: "{{ .package.image }}"}]
`;
const configMap = `apiVersion: v1
kind: ConfigMap
metadata: {name: images, annotations: {package-operator.run/phase: deploy}}
data:
  config.yaml: |
    proxy: "quay.io/org/proxy@sha256:${"a".repeat(64)}" # by hand
    level: info
`;
const job = `kind: Job
metadata: {name: bootstrap}
spec: {template: {spec: {containers: [{name: package-operator, image: "quay.io/org/web:v1", args: ["-self-bootstrap=quay.io/org/app:v1"]}]}}}
`;

let registry: TestRegistry;
let workspace: Workspace;
let resolve: readonly string[];
let digest: string;
beforeEach(async () => {
  registry = await startRegistry();
  resolve = ["--resolve", `quay.io=http://${registry.address}`];
  digest = await registry.add("org/web", "v1", { "any.txt": "web" });
  const files = {
    "manifest.yaml": manifest,
    "manifest.lock.yaml": lock(digest),
    "web.yaml.gotmpl": deployment,
  };
  await registry.add("org/app", "v1", files);
  workspace = await createWorkspace({ "job.yaml": job });
  await workspace.write(
    Object.fromEntries(
      Object.entries({ ...files, "cm.yaml": configMap }).map(([name, text]) => [`app/${name}`, text]),
    ),
  );
});
afterEach(async () => {
  await workspace.remove();
  await registry.close();
});

describe("images", () => {
  test("draws what needs what, each image with its needs once", async () => {
    const { code, stdout, stderr } = await workspace.run(
      "images",
      "quay.io/org/app:v1",
      "job.yaml",
      ...resolve,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.replaceAll(/ {2}(sha256|\d).*$/gm, "")).toBe(
      [
        "quay.io/org/app:v1",
        "└── quay.io/org/web:v1 (locked as web)",
        "job.yaml",
        "├── quay.io/org/app:v1 (installed by the bootstrap Job)  (see above)",
        "└── quay.io/org/web:v1 (runs in the bootstrap Job as package-operator)  (see above)",
        "",
      ].join("\n"),
    );
    expect(stdout).toContain(`${digest.slice(0, 19)}  `);
  });

  test("--leaks lists what no rule reaches, with the place, and tells by its exit code", async () => {
    const { code, stdout } = await workspace.run("images", "app", "--leaks", "--output", "json", ...resolve);
    expect(code).toBe(1);
    const { leaks } = JSON.parse(stdout) as { leaks: { reference: string }[] };
    expect(leaks).toEqual([
      {
        reference: `quay.io/org/proxy@sha256:${"a".repeat(64)}`,
        object: "ConfigMap images",
        path: "data.config.yaml",
        in: "app",
      },
      {
        reference: "busybox",
        object: "Deployment web",
        path: "spec.template.spec.initContainers[0].image",
        in: "app",
      },
      {
        reference: "ghcr.io/other/sidecar:v3",
        object: "Deployment web",
        path: "spec.template.spec.containers[0].args[0]",
        in: "app",
      },
    ]);
  });

  test("mirror warns of them", async () => {
    const target = await startRegistry();
    const { code, stderr } = await workspace.run("mirror", "app", "--to", `${target.address}/m`, ...resolve);
    await target.close();
    expect(code).toBe(0);
    expect(stderr).toContain(
      "Warning: ghcr.io/other/sidecar:v3 is written out in Deployment web (spec.template.spec.containers[0].args[0]) of app: " +
        "no rule reaches it, and it is not mirrored\n",
    );
  });

  test("without leaks --leaks says so", async () => {
    const { code, stdout } = await workspace.run("images", "quay.io/org/web:v1", "--leaks", ...resolve);
    expect({ code, stdout }).toMatchObject({ code: 1, stdout: "" });
    await workspace.write({ "app/web.yaml.gotmpl": "", "app/cm.yaml": "" });
    expect(await workspace.run("images", "app", "--leaks", ...resolve)).toMatchObject({
      code: 0,
      stdout: "no images that rules do not reach\n",
    });
  });

  test("all images that cannot be read are named at once, each with who needs it", async () => {
    const gone = `kind: Job
metadata: {name: bootstrap}
spec: {template: {spec: {containers: [{name: package-operator, image: "quay.io/org/gone:v1", args: ["-self-bootstrap=quay.io/org/lost:v1"]}]}}}
`;
    await workspace.write({ "gone.yaml": gone });
    const { code, stderr } = await workspace.run("images", "gone.yaml", ...resolve);
    expect(code).toBe(1);
    expect(stderr).toContain("2 images cannot be read:");
    expect(stderr).toContain("- quay.io/org/gone:v1, needed by gone.yaml: ");
    expect(stderr).toContain("- quay.io/org/lost:v1, needed by gone.yaml: ");
  });

  test.each(["bootstrap-job.yaml", "./web", "/nowhere/web", "web.tar.gz"])(
    "%s, which is not there, is not looked for at a registry",
    async (source) => {
      expect(await workspace.run("images", source, ...resolve)).toEqual({
        code: 1,
        stdout: "",
        stderr: `Error: ${source}: no such file or folder\n`,
      });
    },
  );
});

describe("rules for a source", () => {
  test("overrides suggest covers everything that it needs", async () => {
    const { stdout } = await workspace.run(
      "overrides",
      "suggest",
      "--to",
      "m.io/pko",
      "--source",
      "job.yaml",
      ...resolve,
    );
    expect(stdout).toBe("quay.io/org/=m.io/pko/\n");
  });

  test("overrides lint tells a rule that matches nothing of it", async () => {
    const rules = ["--override", "quay.io/org/=m.io/pko/,ghcr.io/=m.io/ghcr/"];
    const { code, stdout } = await workspace.run(
      "overrides",
      "lint",
      ...rules,
      "--source",
      "job.yaml",
      ...resolve,
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/ghcr\.io\/=m\.io\/ghcr\//);
    expect(stdout).not.toMatch(/"quay\.io\/org\/=/);
  });
});
