import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { packageFunctions, Template } from "@package-operator/go-template";
import { decodeYaml, type JsonObject } from "@package-operator/kube-yaml";
import { expect, test, vi } from "vitest";
import { applyObjects } from "./applications.ts";
import { runDocumented } from "./documented.ts";
import {
  bootstrap,
  jobDone,
  managerImage,
  namespace,
  operatorAvailable,
  packageCreated,
} from "./installation.ts";
import type { LabNode } from "./lab-node.ts";
import { prefix, root } from "./releases.ts";
import type { Story } from "./story.ts";

/** Removing and installing again, by other ways. Leaves a cluster without an operator. */
export function reinstallScenarios(story: () => Story): void {
  test("the documented steps remove the operator and everything it installed", async () => {
    await runDocumented(story().node, "uninstall.md");
    await expectNothingLeft(story().node);
  });

  test("the Helm chart installs into a namespace of the restricted standard", async () => {
    const { node, mirror, file, current } = story();
    const level = (mode: string) => [`pod-security.kubernetes.io/${mode}`, "restricted"];
    const labels = Object.fromEntries(["enforce", "audit", "warn"].map(level));
    const metadata = { name: namespace, labels };
    await applyObjects(node, [{ apiVersion: "v1", kind: "Namespace", metadata }]);
    const text = await renderChart({
      Images: {
        "package-operator-manager": `${mirror}/package-operator-manager:${current.tag}`,
        "package-operator-package": `${prefix}/package-operator-package:${current.tag}`,
      },
      ImagePrefixOverrides: `${prefix}/=${mirror}/`,
      Resources: { requests: { cpu: "150m" }, limits: { cpu: "200m" } },
    });
    await writeFile(file("chart.yaml"), text);
    await bootstrap(node, file("chart.yaml"));
    expect(await managerImage(node)).toMatch(`${mirror}/package-operator-manager@sha256:`);
    const cpu = await node.kubectl(
      ...(["get", "deployment", "package-operator-manager", "-n", namespace, "-o"] as const),
      "jsonpath={.spec.template.spec.containers[0].resources.requests.cpu}",
    );
    expect(cpu).toBe("150m");
    await runDocumented(node, "uninstall.md");
    await expectNothingLeft(node);
  });

  test("an API server that restarts in the middle of the bootstrap only delays it", async () => {
    const { node, install } = story();
    await node.kubectl("apply", "-f", install.manifest);
    await packageCreated(node);
    const bringBack = await node.takeDown("cp/apiserver");
    await bringBack();
    for (let ready = ""; ready !== "ok";) {
      ready = (await node.tryExec("kubectl", "get", "--raw", "/readyz")).stdout;
    }
    await jobDone(node);
    await operatorAvailable(node);
    await runDocumented(node, "uninstall.md");
    await expectNothingLeft(node);
  });
}

/** The chart's one template with the default values and these; there is no helm on the node. */
async function renderChart(values: JsonObject): Promise<string> {
  const chart = path.join(root, "config/helm/package-operator");
  const text = await readFile(path.join(chart, "templates/self-bootstrap-job.yaml"), "utf8");
  const defaults = decodeYaml(await readFile(path.join(chart, "values.yaml"), "utf8")) as JsonObject;
  const template = new Template({ functions: packageFunctions() }).parse("job", text);
  return template.execute("job", {
    Release: { Namespace: "default" },
    Values: { ...defaults, ...values },
  });
}

/** Waits until nothing is there that an installation would have made; the garbage collector takes it in any order. */
async function expectNothingLeft(node: LabNode): Promise<void> {
  const kinds = "namespaces,customresourcedefinitions,clusterroles,clusterrolebindings,leases";
  await vi.waitFor(
    async () => {
      const names = (await node.kubectl("get", kinds, "-A", "-o", "name")).split("\n");
      expect(names.filter((name) => name.includes("package-operator"))).toEqual([]);
    },
    { timeout: 60_000, interval: 500 },
  );
}
