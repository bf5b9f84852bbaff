import { readFile } from "node:fs/promises";
import path from "node:path";
import { decodeYaml, splitDocuments } from "@package-operator/kube-yaml";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { manifest } from "../scenarios/packages.ts";
import { openCluster, ours, type TestCluster } from "../scenarios/cluster.ts";
import { type RunningOperator, startOperator } from "../scenarios/operator.ts";
import { freePort } from "../scenarios/operator-metrics.ts";
import { openRegistry, type TestRegistry } from "../scenarios/registry.ts";
import { hasProgram } from "../../packages/oci/src/testing/docker-registry.ts";
import { type AlertExpectation, type InputSeries, promtool, promtoolOn, seriesOf } from "./promtool.ts";
import { withSandbox } from "./with-sandbox.ts";

const folder = path.resolve(import.meta.dirname, "../../config/monitoring");
const read = (name: string) => readFile(path.join(folder, name), "utf8");

interface Rules {
  spec: {
    groups: {
      rules: {
        alert: string;
        expr: string;
        labels: Record<string, string>;
        annotations: Record<string, string>;
      }[];
    }[];
  };
}
interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[];
}

const { spec } = decodeYaml(await read("prometheus-rule.yaml")) as unknown as Rules;
const rules = spec.groups.flatMap(({ rules }) => rules);
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
        const isDone = [
          /^package_operator_object_set_succeeded_timestamp_seconds\{.*watched/m,
          /^package_operator_package_availability\{.*watched.* 1$/m,
        ].every((line) => line.test(scraped));
        if (!isDone) throw new Error(`no success in:\n${scraped}`);
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

  describe.skipIf(!hasProgram("promtool"))("promtool", () => {
    test("reads the metrics and has nothing against their names but the Go operator's", async () => {
      const problems = await promtool(["check", "metrics"], text).then(
        () => [],
        ({ message }: Error) => message.trimEnd().split("\n").slice(1),
      );
      // Names that dashboards of the Go operator know: a gauge that is called _total, as two of its own are.
      expect(problems).toEqual(
        ["informers", "objects"].map(
          (what) =>
            `package_operator_managed_cache_${what}_total non-counter metrics should not have "_total" suffix`,
        ),
      );
    });

    test("accepts the rules and every expression of the dashboard", async () => {
      expect(await promtoolOn(["check", "rules", "rules.json"], { "rules.json": spec })).toContain(
        `SUCCESS: ${rules.length} rules found`,
      );
      const panels = expressions.map(({ expr }, index) => ({ record: `panel:${index}`, expr }));
      const groups = [{ name: "dashboard", rules: panels }];
      await promtoolOn(["check", "rules", "panels.json"], { "panels.json": { groups } });
    });

    const job = "package-operator-metrics";
    const up: InputSeries = { series: `up{job="${job}"}`, values: "1+0x240" };
    const of = (name: string, values: string) => (series: string) =>
      series.startsWith(`${name}{`) ? values : undefined;
    const ofController = (name: string, values: string) => (series: string) =>
      series.startsWith(`${name}{`) && series.includes('controller="package"') ? values : undefined;
    const availability = "package_operator_package_availability";
    const errors = "controller_runtime_reconcile_errors_total";
    const longest = "workqueue_longest_running_processor_seconds";

    /** Runs the rules on what the operator exports, with some values changed. */
    const expectAlerts = async (
      input: readonly InputSeries[],
      expectations: readonly AlertExpectation[],
    ): Promise<void> => {
      const output = await promtoolOn(["test", "rules", "test.json"], {
        "rules.json": spec,
        "test.json": {
          rule_files: ["rules.json"],
          evaluation_interval: "1m",
          tests: [{ interval: "1m", input_series: input, alert_rule_test: expectations }],
        },
      });
      expect(output).toContain("SUCCESS");
    };
    const quiet = (at: string, except: readonly string[] = []): AlertExpectation[] =>
      rules
        .filter(({ alert }) => !except.includes(alert))
        .map(({ alert }) => ({ eval_time: at, alertname: alert, exp_alerts: [] }));
    const firing = (
      at: string,
      alert: string,
      labels: Readonly<Record<string, string>>,
    ): AlertExpectation => {
      const rule = rules.find((candidate) => candidate.alert === alert)!;
      const fill = (annotation: string): string =>
        annotation.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? "");
      const annotations = Object.entries(rule.annotations).map(([key, value]) => [key, fill(value)]);
      const exp_annotations = Object.fromEntries(annotations) as Record<string, string>;
      return {
        eval_time: at,
        alertname: alert,
        exp_alerts: [{ exp_labels: { ...labels, ...rule.labels }, exp_annotations }],
      };
    };
    /** The labels that the series of the one package have. */
    const packageLabels = () => {
      const [, image] = new RegExp(`^${availability}\\{.*image="([^"]+)"`, "m").exec(text)!;
      return { pko_name: "watched", image: image!, job };
    };

    test("keeps every alert quiet while the operator is well", async () => {
      const input = [up, ...seriesOf(text, job, () => undefined)];
      await expectAlerts(input, [...quiet("1m"), ...quiet("1h"), ...quiet("4h")]);
    });

    interface Fault {
      readonly alert: string;
      readonly what: string;
      readonly up?: string;
      readonly changes?: (series: string) => string | undefined;
      readonly before?: string;
      readonly after: string;
      readonly labels?: () => Readonly<Record<string, string>>;
      /** Alerts that fire for the same reason. */
      readonly also?: readonly string[];
    }
    const faults: readonly Fault[] = [
      {
        alert: "PackageOperatorDown",
        what: "nothing answers",
        up: "0+0x240",
        changes: () => "_x240",
        before: "9m",
        after: "10m",
        also: ["PackageOperatorNoLeader"],
      },
      {
        alert: "PackageOperatorNoLeader",
        what: "nobody leads",
        changes: of("leader_election_master_status", "0+0x240"),
        before: "9m",
        after: "10m",
      },
      {
        alert: "PackageUnavailable",
        what: "a package is unavailable",
        changes: of(availability, "0+0x240"),
        before: "14m",
        after: "15m",
        labels: packageLabels,
      },
      {
        alert: "PackageStateUnknown",
        what: "a package was never rolled out",
        changes: of(availability, "2+0x240"),
        before: "29m",
        after: "30m",
        labels: packageLabels,
      },
      {
        alert: "PackageOperatorReconcileErrors",
        what: "one object fails as often as the longest back-off lets it",
        // Every 17 minutes.
        changes: ofController(errors, Array.from({ length: 14 }, (_, count) => `${count}+0x16`).join(" ")),
        before: "59m",
        after: "3h",
        labels: () => ({ controller: "package" }),
      },
      {
        alert: "PackageOperatorWorkerStuck",
        what: "a worker does not come to an end",
        changes: ofController(longest, "0+60x240"),
        before: "10m",
        after: "11m",
        labels: () => ({ controller: "package" }),
      },
    ];

    test("has a fault for every alert", () => {
      expect(faults.map(({ alert }) => alert)).toEqual(rules.map(({ alert }) => alert));
    });

    test.each(faults)("fires $alert when $what, and no other", async (fault) => {
      const { alert, before, after, labels = () => ({}), also = [] } = fault;
      const input = [
        { ...up, values: fault.up ?? up.values },
        ...seriesOf(text, job, fault.changes ?? (() => undefined)),
      ];
      await expectAlerts(input, [
        ...quiet(before ?? "1m"),
        firing(after, alert, labels()),
        ...quiet(after, [alert, ...also]),
      ]);
    });

    test.each([
      ["a leader that takes over in time", of("leader_election_master_status", "1+0x20 0+0x8 1+0x200")],
      [
        "a package that is unavailable for a moment, again and again",
        of(availability, "0+0x10 1+0x1 0+0x12 1+0x200"),
      ],
      ["an error or two an hour", ofController(errors, "0+0x30 1+0x30 2+0x30 3+0x30 4+0x100")],
      ["a hundred errors within a minute", ofController(errors, "0+0x30 100+0x200")],
    ])("keeps quiet about %s", async (_what, changes) => {
      const input = [up, ...seriesOf(text, job, changes)];
      const times = [15, 29, 45, 60, 91, 120, 150, 200, 240];
      await expectAlerts(
        input,
        times.flatMap((minutes) => quiet(`${minutes}m`)),
      );
    });
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
