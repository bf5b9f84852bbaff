import { readFile } from "node:fs/promises";
import path from "node:path";
import { decodeYaml, splitDocuments } from "@package-operator/kube-yaml";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { manifest } from "../scenarios/packages.ts";
import { openCluster, ours, type TestCluster } from "../scenarios/cluster.ts";
import { type RunningOperator, startOperator } from "../scenarios/operator.ts";
import { freePort } from "../scenarios/operator-metrics.ts";
import { openRegistry, type TestRegistry } from "../scenarios/registry.ts";
import { withSandbox } from "./with-sandbox.ts";

const folder = path.resolve(import.meta.dirname, "../../config/monitoring");
const read = (name: string) => readFile(path.join(folder, name), "utf8");

interface Rules {
  spec: { groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[] };
}
interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[];
}

const rules = (decodeYaml(await read("prometheus-rule.yaml")) as unknown as Rules).spec.groups.flatMap(
  ({ rules }) => rules,
);
const dashboard = JSON.parse(await read("dashboard.json")) as Dashboard;
const expressions = [
  ...rules.map(({ alert, expr }) => ({ place: alert, expr })),
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ place: title, expr }))),
];

/** Metric names of an expression and the labels that it asks of each. */
function metricsOf(expr: string): { name: string; labels: string[] }[] {
  const matches = expr.matchAll(
    /\b((?:package_operator|controller_runtime|workqueue|rest_client|leader_election|process|nodejs)_\w+)(?:\{([^}]*)\})?/g,
  );
  return [...matches].map(([, name = "", selector = ""]) => ({
    name: name.replace(/_bucket$/, ""),
    labels: [...selector.matchAll(/(\w+)\s*=/g)].map(([, label = ""]) => label),
  }));
}

/** Labels that an expression groups by or ignores. */
function groupingOf(expr: string): string[] {
  return [...expr.matchAll(/\b(?:by|ignoring|on)\s*\(([^)]*)\)/g)].flatMap(([, list = ""]) =>
    list.split(/,\s*/),
  );
}

describe("dashboard and alerts name what a running operator exports", () => {
  const kubeconfig = withSandbox();
  let cluster: TestCluster;
  let registry: TestRegistry;
  let operator: RunningOperator;
  let text: string;

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    registry = await openRegistry();
    const namespace = await cluster.namespace();
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "puller", namespace } };
    await cluster.create(account);
    const port = await freePort();
    operator = startOperator({
      kubeconfig: kubeconfig(),
      argv: [
        `-metrics-addr=127.0.0.1:${port}`,
        "-enable-leader-election=true",
        `-service-account-namespace=${namespace}`,
        "-service-account-name=puller",
      ],
    });
    const image = await registry.push("watched:v1", {
      "manifest.yaml": manifest({ name: "watched" }),
      "a.yaml": `apiVersion: v1
kind: ConfigMap
metadata:
  name: watched
  namespace: ${namespace}
  annotations: {package-operator.run/phase: deploy}
`,
    });
    await cluster.create({
      ...ours("ClusterPackage", "watched"),
      metadata: { name: "watched" },
      spec: { image },
    });
    text = await vi.waitFor(
      async () => {
        const scraped = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        const last = /^package_operator_object_set_succeeded_timestamp_seconds\{.*watched/m;
        if (!last.test(scraped)) throw new Error(`no success in:\n${scraped}`);
        return scraped;
      },
      { timeout: 60_000, interval: 200 },
    );
  }, 120_000);

  afterAll(async () => {
    await cluster?.close();
    await operator?.stop();
    await registry?.close();
  });

  test("so does the documentation", async () => {
    const page = await readFile(path.join(folder, "../../docs/monitor.md"), "utf8");
    const names = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, name = ""]) => name);
    const metrics = names.filter((name) => name.startsWith("package_operator_"));
    expect(metrics.length).toBeGreaterThan(0);
    for (const name of metrics) expect(text, name).toContain(`\n# TYPE ${name} `);
    for (const { alert } of rules) expect(page).toContain(`\`${alert}\``);
  });

  test.each(expressions)("$place: $expr", ({ expr }) => {
    const found = metricsOf(expr);
    if (found.length === 0) expect(expr).toMatch(/\bup\{/);
    for (const { name, labels } of found) {
      expect(text, name).toContain(`\n# TYPE ${name} `);
      const series = text.split("\n").filter((line) => new RegExp(`^${name}(_bucket)?[{ ]`).test(line));
      // The job is given by Prometheus; everything else has to be on the series.
      for (const label of [...labels, ...groupingOf(expr)].filter((label) => label !== "job")) {
        const isOnAny =
          series.some((line) => line.includes(`${label}="`)) || expr.includes(`ignoring(${label})`);
        expect(isOnAny, `${label} of ${name}`).toBe(true);
      }
    }
  });
});

test("annotations of alerts use labels that their series have", () => {
  const known = new Set(["pko_name", "pko_namespace", "image", "controller"]);
  for (const { annotations } of rules) {
    for (const [, label = ""] of Object.values(annotations)
      .join(" ")
      .matchAll(/\$labels\.(\w+)/g)) {
      expect([...known]).toContain(label);
    }
  }
});

test("the ServiceMonitor selects the Service that the package installs", async () => {
  const monitor = decodeYaml(await read("service-monitor.yaml")) as unknown as {
    spec: { selector: { matchLabels: Record<string, string> }; endpoints: { port: string }[] };
  };
  const fixture = path.join(folder, "../packages/package-operator/.test-fixtures/no-config");
  const [document = ""] = splitDocuments(
    await readFile(path.join(fixture, "package-operator-metrics.Service.yaml"), "utf8"),
  );
  const service = decodeYaml(document) as unknown as {
    metadata: { labels: Record<string, string> };
    spec: { ports: { name: string }[] };
  };
  expect(service.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
  expect(service.spec.ports.map(({ name }) => name)).toContain(monitor.spec.endpoints[0]!.port);
});
