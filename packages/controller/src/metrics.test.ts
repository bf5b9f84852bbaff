import { expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";

function setUp() {
  const usage = { user: 1_000_000, system: 500_000 };
  const process = {
    cpuUsage: () => usage,
    memoryUsage: () => ({ rss: 3, heapTotal: 2, heapUsed: 1 }),
    uptime: () => 10,
  };
  const metrics = createMetrics({ process, now: () => 100_000 });
  const scrape = async () => {
    const request = { path: "/metrics", query: new URLSearchParams(), signal: new AbortController().signal };
    return String((await metrics.handler(request)).body).split("\n");
  };
  return { metrics, scrape, usage };
}

test("controllers and their queues are counted under controller-runtime's names", async () => {
  const { metrics, scrape } = setUp();
  const observer = metrics.controller("package");
  observer.register({ workers: 5, stats: () => ({ depth: 3, unfinishedMs: 1500, longestRunningMs: 1000 }) });
  observer.started();
  observer.started();
  observer.finished("success", 0.2, { terminal: false });
  observer.started();
  observer.finished("error", 0.3, { terminal: true });
  observer.queue.added();
  observer.queue.retried();
  observer.queue.started(100);
  observer.queue.finished(200);
  const lines = await scrape();
  for (const line of [
    'controller_runtime_reconcile_total{controller="package",result="success"} 1',
    'controller_runtime_reconcile_total{controller="package",result="error"} 1',
    'controller_runtime_reconcile_total{controller="package",result="requeue"} 0',
    'controller_runtime_reconcile_total{controller="package",result="requeue_after"} 0',
    'controller_runtime_reconcile_errors_total{controller="package"} 1',
    'controller_runtime_terminal_reconcile_errors_total{controller="package"} 1',
    'controller_runtime_reconcile_time_seconds_count{controller="package"} 2',
    'controller_runtime_active_workers{controller="package"} 1',
    'controller_runtime_max_concurrent_reconciles{controller="package"} 5',
    'workqueue_depth{name="package",controller="package"} 3',
    'workqueue_unfinished_work_seconds{name="package",controller="package"} 1.5',
    'workqueue_longest_running_processor_seconds{name="package",controller="package"} 1',
    'workqueue_adds_total{name="package",controller="package"} 1',
    'workqueue_retries_total{name="package",controller="package"} 1',
    'workqueue_queue_duration_seconds_sum{name="package",controller="package"} 0.1',
    'workqueue_work_duration_seconds_sum{name="package",controller="package"} 0.2',
  ]) {
    expect(lines).toContain(line);
  }
});

test("requests, leadership and the process have theirs", async () => {
  const { metrics, scrape, usage } = setUp();
  metrics.request({ code: "200", host: "h:1", method: "GET" });
  metrics.leading("lock", true);
  let lines = await scrape();
  expect(lines).toContain('rest_client_requests_total{code="200",host="h:1",method="GET"} 1');
  expect(lines).toContain('leader_election_master_status{name="lock"} 1');
  expect(lines).toContain("process_cpu_seconds_total 1.5");
  expect(lines).toContain("process_resident_memory_bytes 3");
  expect(lines).toContain("process_start_time_seconds 90");
  usage.user = 2_000_000;
  metrics.leading("lock", false);
  lines = await scrape();
  expect(lines).toContain("process_cpu_seconds_total 2.5");
  expect(lines).toContain('leader_election_master_status{name="lock"} 0');
});

test("only /metrics is answered", async () => {
  const { metrics } = setUp();
  const request = { path: "/", query: new URLSearchParams(), signal: new AbortController().signal };
  expect((await metrics.handler(request)).status).toBe(404);
});
