import type { RequestObserver } from "@package-operator/kube";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ControllerObserver } from "./controller.ts";
import { type HttpHandler, plainText } from "./http-listener.ts";
import { type ProcessInfo, registerProcessMetrics } from "./process-metrics.ts";
import type { QueueStats } from "./work-queue.ts";

/** The metrics of a manager, under the names that controller-runtime's dashboards use. */
export interface Metrics {
  /** For further metrics of the program. */
  registry: Registry;
  /** Observer of one controller and its queue. */
  controller(name: string): ControllerObserver;
  /** Counts requests to API servers in `rest_client_requests_total`. */
  request: RequestObserver;
  /** Sets `leader_election_master_status`. */
  leading(lease: string, leading: boolean): void;
  /** Answers `/metrics` in Prometheus' text format. */
  handler: HttpHandler;
}

/** Buckets of controller-runtime's reconcile histogram, in seconds. */
const reconcileBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5,
  1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
/** Buckets of its work queue histograms: powers of ten from 10 ns to 1000 s. */
const queueBuckets = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];
const outcomes = ["error", "requeue_after", "requeue", "success"] as const;

/** A fresh registry with everything registered. */
export function createMetrics(options: { process: ProcessInfo; now: () => number }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  registerProcessMetrics(registry, options);
  const requests = new Counter({
    name: "rest_client_requests_total",
    help: "Number of HTTP requests, partitioned by status code, method, and host.",
    labelNames: ["code", "host", "method"],
    registers,
  });
  const leader = new Gauge({
    name: "leader_election_master_status",
    help: "Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master. 'name' is the string used to identify the lease. Please make sure to group by name.",
    labelNames: ["name"],
    registers,
  });
  const reconcile = reconcileMetrics(registers);
  const queue = queueMetrics(registers);
  return {
    registry,
    request: ({ code, host, method }) => requests.inc({ code, host, method }),
    leading: (name, leading) => leader.set({ name }, leading ? 1 : 0),
    controller(name) {
      const work = reconcile(name);
      const waiting = queue(name);
      return {
        started: () => work.started(),
        finished: (...outcome) => work.finished(...outcome),
        queue: waiting.observer,
        register({ workers, stats }) {
          work.workers(workers);
          waiting.read(stats);
        },
      };
    },
    async handler({ path }) {
      if (path !== "/metrics") return plainText(404, "404 page not found\n");
      return { status: 200, contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

function reconcileMetrics(registers: Registry[]) {
  const labelNames = ["controller"];
  const total = new Counter({
    name: "controller_runtime_reconcile_total",
    help: "Total number of reconciliations per controller",
    labelNames: ["controller", "result"],
    registers,
  });
  const errors = new Counter({
    name: "controller_runtime_reconcile_errors_total",
    help: "Total number of reconciliation errors per controller",
    labelNames,
    registers,
  });
  const terminalErrors = new Counter({
    name: "controller_runtime_terminal_reconcile_errors_total",
    help: "Total number of terminal reconciliation errors per controller",
    labelNames,
    registers,
  });
  const time = new Histogram({
    name: "controller_runtime_reconcile_time_seconds",
    help: "Length of time per reconciliation per controller",
    labelNames,
    buckets: reconcileBuckets,
    registers,
  });
  const active = new Gauge({
    name: "controller_runtime_active_workers",
    help: "Number of currently used workers per controller",
    labelNames,
    registers,
  });
  const workers = new Gauge({
    name: "controller_runtime_max_concurrent_reconciles",
    help: "Maximum number of concurrent reconciles per controller",
    labelNames,
    registers,
  });
  return (controller: string) => {
    // A series has to exist before its first event, or rates over it miss that event.
    for (const result of outcomes) total.inc({ controller, result }, 0);
    errors.inc({ controller }, 0);
    terminalErrors.inc({ controller }, 0);
    active.set({ controller }, 0);
    return {
      workers: (count: number) => workers.set({ controller }, count),
      started: () => active.inc({ controller }),
      finished(result: string, seconds: number, { terminal }: { terminal: boolean }) {
        active.dec({ controller });
        total.inc({ controller, result });
        time.observe({ controller }, seconds);
        if (result === "error") errors.inc({ controller });
        if (terminal) terminalErrors.inc({ controller });
      },
    };
  };
}

function queueMetrics(registers: Registry[]) {
  const labelNames = ["name", "controller"];
  const readers = new Map<string, () => QueueStats>();
  const gauge = (name: string, help: string, read: (stats: QueueStats) => number) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        for (const [controller, stats] of readers) this.set({ name: controller, controller }, read(stats()));
      },
    });
  gauge("workqueue_depth", "Current depth of workqueue", ({ depth }) => depth);
  gauge(
    "workqueue_unfinished_work_seconds",
    "How many seconds of work has been done that is in progress and hasn't been observed by work_duration.",
    ({ unfinishedMs }) => unfinishedMs / 1000,
  );
  gauge(
    "workqueue_longest_running_processor_seconds",
    "How many seconds has the longest running processor for workqueue been running.",
    ({ longestRunningMs }) => longestRunningMs / 1000,
  );
  const adds = new Counter({
    name: "workqueue_adds_total",
    help: "Total number of adds handled by workqueue",
    labelNames,
    registers,
  });
  const retries = new Counter({
    name: "workqueue_retries_total",
    help: "Total number of retries handled by workqueue",
    labelNames,
    registers,
  });
  const waited = new Histogram({
    name: "workqueue_queue_duration_seconds",
    help: "How long in seconds an item stays in workqueue before being requested",
    labelNames,
    buckets: queueBuckets,
    registers,
  });
  const worked = new Histogram({
    name: "workqueue_work_duration_seconds",
    help: "How long in seconds processing an item from workqueue takes.",
    labelNames,
    buckets: queueBuckets,
    registers,
  });
  return (controller: string) => {
    const labels = { name: controller, controller };
    adds.inc(labels, 0);
    retries.inc(labels, 0);
    return {
      observer: {
        added: () => adds.inc(labels),
        retried: () => retries.inc(labels),
        started: (ms: number) => waited.observe(labels, ms / 1000),
        finished: (ms: number) => worked.observe(labels, ms / 1000),
      },
      read: (stats: () => QueueStats) => void readers.set(controller, stats),
    };
  };
}
