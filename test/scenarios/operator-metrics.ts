import { createServer } from "node:net";

/** What an operator says of itself at one moment. */
export interface Scrape {
  readonly text: string;
  /** The value of a series, `NaN` where it does not exist. */
  readonly value: (series: string) => number;
}

/** A port of this machine that was free a moment ago; programs do not tell which one they got. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** The text at a path of a program on this machine. */
export async function fetchText(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return response.text();
}

/** Reads the metrics of an operator. */
export async function scrape(port: number): Promise<Scrape> {
  const text = await fetchText(port, "/metrics");
  const values = new Map(
    text.split("\n").map((line) => {
      const blank = line.lastIndexOf(" ");
      return [line.slice(0, blank), Number(line.slice(blank + 1))];
    }),
  );
  return { text, value: (series) => values.get(series) ?? Number.NaN };
}

/** Throws unless every controller has done as many objects as given here for its kind, and none has any left to do. */
export async function assertSettled(port: number, counts: Readonly<Record<string, number>>): Promise<Scrape> {
  const found = await scrape(port);
  for (const [kind, count] of Object.entries(counts)) {
    const done = ["success", "requeue_after"]
      .map((result) =>
        found.value(`controller_runtime_reconcile_total{controller="${kind}",result="${result}"}`),
      )
      .reduce((sum, value) => sum + (value || 0), 0);
    if (done < count) throw new Error(`${kind}: only ${done} of ${count} have been reconciled`);
    const waiting = found.value(`workqueue_depth{name="${kind}",controller="${kind}"}`);
    const busy = found.value(`controller_runtime_active_workers{controller="${kind}"}`);
    if (waiting > 0 || busy > 0) throw new Error(`${kind} is still at work`);
  }
  return found;
}
