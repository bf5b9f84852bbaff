import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { encodeYaml } from "@package-operator/kube-yaml";
import { releaseBootstrapManifest } from "@package-operator/release";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram } from "../../packages/oci/src/testing/docker-registry.ts";
import { packageHelmChart } from "../../packages/release/src/helm-chart.ts";
import { documentedCommands } from "../node/documented.ts";

const root = path.resolve(import.meta.dirname, "../..");
const names = { registryPrefix: "quay.io/package-operator", tag: "v1.18.2" };
const { HELM: helm = "helm" } = process.env;
const minutes = 60_000;

/**
 * The pages about an installation, command by command as they are printed, on the cluster that `npm start -- --keep`
 * leaves: the operator and a package, installed from a mirror, with pods that really run.
 */
describe.skipIf(!hasProgram("kubectl"))("the documented life of an installation", () => {
  let dir: string;
  let demo: ChildProcess;
  let rule: string;

  beforeAll(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "documented-"));
    await promisify(execFile)(process.execPath, [path.join(root, "scripts/build.mjs")]);
    const options = ["--keep", "--output", "json", "--kubeconfig", path.join(dir, "kubeconfig")];
    const main = "packages/sandbox/src/demo/main.ts";
    demo = spawn(process.execPath, ["scripts/run.mjs", main, ...options], { cwd: root });
    const printed = { stdout: "", stderr: "" };
    await new Promise<void>((resolve, reject) => {
      demo.stdout!.on("data", (chunk: Buffer) => (printed.stdout += chunk.toString()));
      demo.stderr!.on("data", (chunk: Buffer) => {
        printed.stderr += chunk.toString();
        if (printed.stderr.includes("Everything stays up")) resolve();
      });
      demo.once("close", () => reject(new Error(printed.stderr)));
    });
    const { images } = JSON.parse(printed.stdout) as { images: { rule: string }[] };
    rule = images[0]!.rule;
    const chart = await packageHelmChart(path.join(root, "config"), names);
    await writeFile(path.join(dir, chart.fileName), chart.content);
    await symlink(path.join(root, "config"), path.join(dir, "config"));
    await writeFile(
      path.join(dir, "original.yaml"),
      await releaseBootstrapManifest(path.join(root, "config"), names),
    );
    await shell(`kubectl package rewrite original.yaml --override '${rule}' > self-bootstrap-job.yaml`);
    await shell("cp self-bootstrap-job.yaml job.yaml");
  }, 5 * minutes);

  afterAll(async () => {
    const ended = new Promise((resolve) => demo?.once("close", resolve));
    if (demo?.kill("SIGTERM")) await ended;
    await rm(dir, { recursive: true, force: true });
  });

  async function shell(script: string): Promise<string> {
    const searched = `${path.join(root, "dist/bin")}:${process.env["PATH"]}`;
    const env = { PATH: searched, HOME: dir, KUBECONFIG: path.join(dir, "kubeconfig") };
    return (await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { cwd: dir, env })).stdout;
  }
  const isAvailable = "kubectl wait --for=condition=Available clusterpackage/package-operator --timeout=2m";
  const leftovers = (): Promise<string> =>
    shell(
      "kubectl get namespaces,crds,clusterroles,clusterrolebindings -o name | grep package-operator || true",
    );

  test("install.md: applying the manifest again changes nothing", { timeout: 3 * minutes }, async () => {
    const generation = "kubectl get clusterpackage package-operator -o jsonpath={.metadata.generation}";
    const before = await shell(generation);
    await shell(await documentedCommands("install.md", "## From the manifest"));
    expect(await shell(generation)).toBe(before);
  });

  test("upgrade.md", { timeout: 3 * minutes }, async () => {
    const script = await documentedCommands("upgrade.md");
    // Copying needs the registries behind the page's names; it is played with the page about mirrors.
    await shell(script.replace(/^kubectl package mirror (?:.*\\\n)*.*\n/m, ""));
    await shell(
      "kubectl wait --for=delete job/package-operator-bootstrap -n package-operator-system --timeout=2m",
    );
    expect(await shell(isAvailable)).toContain("condition met");
  });

  test("configure.md", { timeout: 3 * minutes }, async () => {
    const commands = (await documentedCommands("configure.md")).split("\n").filter((line) => line !== "");
    const level = "kubectl get clusterpackage package-operator -o jsonpath={.spec.config.logLevel}";
    const levels: string[] = [];
    for (const command of commands) {
      await shell(command);
      levels.push(await shell(level));
    }
    expect(levels).toEqual(["1", ""]);
    expect(await shell(isAvailable)).toContain("condition met");
  });

  test("migrate.md", { timeout: minutes }, async () => {
    expect(await shell(await documentedCommands("migrate.md"))).toContain(
      "5 of 5 images come from the mirror",
    );
  });

  test("monitor.md", { timeout: minutes }, async () => {
    const crds = [
      ["servicemonitors", "ServiceMonitor"],
      ["prometheusrules", "PrometheusRule"],
    ].map(([plural = "", kind = ""]) => monitoringCrd(plural, kind));
    await writeFile(path.join(dir, "crds.yaml"), crds.join("---\n"));
    await shell("kubectl apply -f crds.yaml && kubectl wait --for=condition=Established -f crds.yaml");
    expect(await shell(await documentedCommands("monitor.md"))).toContain(
      "prometheusrule.monitoring.coreos.com/package-operator created",
    );
  });

  test("troubleshoot.md: a Job that cannot succeed says why", { timeout: 2 * minutes }, async () => {
    await shell(
      "sed 's/package-operator-package:v1.18.2/package-operator-package:v0/' job.yaml | kubectl apply -f -",
    );
    const script = await documentedCommands("troubleshoot.md", "## The Job");
    await expect
      .poll(() => shell(script).catch(String), { timeout: minutes, interval: 1000 })
      .toMatch(/package-operator-package:v0[^]*package-operator-package:v0.*MANIFEST_UNKNOWN/);
    await shell(
      "kubectl delete job -n package-operator-system package-operator-bootstrap --ignore-not-found",
    );
  });

  test("troubleshoot.md: packages and the operator", { timeout: 2 * minutes }, async () => {
    const packages = await documentedCommands("troubleshoot.md", "## A package");
    const output = await shell(packages.replaceAll("NAME", "hello"));
    expect(output).toContain("apps/v1, Kind=Deployment hello/hello");
    expect(await shell(await documentedCommands("troubleshoot.md", "## The operator"))).toContain(
      "clusterpackage.package-operator.run/package-operator patched",
    );
    expect(await shell(isAvailable)).toContain("condition met");
  });

  test("uninstall.md: nothing is left", { timeout: 5 * minutes }, async () => {
    await shell(await documentedCommands("uninstall.md"));
    await expect.poll(leftovers, { timeout: minutes, interval: 500 }).toBe("");
  });

  test.skipIf(!hasProgram(helm))(
    "install.md: with Helm, and what uninstalling leaves",
    { timeout: 5 * minutes },
    async () => {
      const mirror = rule.slice(rule.indexOf("=") + 1);
      const image = (name: string) => `package-operator/package-operator-${name}:${names.tag}`;
      const values = {
        Images: {
          "package-operator-manager": `${mirror}${image("manager")}`,
          "package-operator-package": `quay.io/${image("package")}`,
        },
        ImagePrefixOverrides: rule,
      };
      await writeFile(path.join(dir, "values.yaml"), encodeYaml(values));
      const [plain = ""] = (await documentedCommands("install.md", "## With Helm")).split("\n\n");
      const command = plain.replace(/^helm/m, helm);
      expect(await shell(command)).toContain("STATUS: deployed");
      expect(await shell("kubectl get clusterpackage package-operator")).toContain("True");
      expect(await shell(`${helm} uninstall package-operator`)).toContain("kept due to the resource policy");
      expect(await shell(isAvailable)).toContain("condition met");
      await shell(await documentedCommands("uninstall.md"));
      await expect.poll(leftovers, { timeout: minutes, interval: 500 }).toBe("");
    },
  );
});

function monitoringCrd(plural: string, kind: string): string {
  const group = "monitoring.coreos.com";
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return encodeYaml({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { plural, kind },
      scope: "Namespaced",
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  });
}
