import { readdirSync } from "node:fs";
import { Counter, Gauge, type Registry } from "prom-client";

/** What is asked of the process; Node's `process` satisfies it. */
export interface ProcessInfo {
  cpuUsage(): { user: number; system: number };
  memoryUsage(): { rss: number; heapTotal: number; heapUsed: number };
  /** Seconds since the process started. */
  uptime(): number;
}

/**
 * The `process_*` metrics of Go's process collector, and the size of the heap. Everything is computed when scraped;
 * prom-client's own default metrics would wake an idle process a hundred times a second.
 */
export function registerProcessMetrics(
  registry: Registry,
  { process, now }: { process: ProcessInfo; now: () => number },
): void {
  const registers = [registry];
  let counted = 0;
  void new Counter({
    name: "process_cpu_seconds_total",
    help: "Total user and system CPU time spent in seconds.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      const total = (user + system) / 1e6;
      this.inc(Math.max(0, total - counted));
      counted = total;
    },
  });
  const gauge = (name: string, help: string, value: () => number | undefined) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const current = value();
        if (current !== undefined) this.set(current);
      },
    });
  gauge("process_resident_memory_bytes", "Resident memory size in bytes.", () => process.memoryUsage().rss);
  gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", () =>
    Math.round(now() / 1000 - process.uptime()),
  );
  gauge("process_open_fds", "Number of open file descriptors.", openFiles);
  gauge("nodejs_heap_size_total_bytes", "Heap size in bytes.", () => process.memoryUsage().heapTotal);
  gauge("nodejs_heap_size_used_bytes", "Used heap size in bytes.", () => process.memoryUsage().heapUsed);
}

/** Linux only; elsewhere the metric has no value. */
function openFiles(): number | undefined {
  try {
    // Listing opens one file itself.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return undefined;
  }
}
