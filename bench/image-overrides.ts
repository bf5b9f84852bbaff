// How the cost of one override replacement grows with the number of rules and with the reference's length.
// usage: node scripts/run.mjs bench/image-overrides.ts
import { createPrefixMatcher, type PrefixRule } from "@package-operator/image";
import { Bench } from "tinybench";
import { buildTrie, findLongest } from "../packages/image/src/prefix-trie.ts";

const counts = [1, 10, 100, 1000, 10_000];

function rulesOf(count: number): PrefixRule[] {
  return Array.from({ length: count }, (_, index) => ({
    from: `quay.io/organisation-${String(index)}/`,
    to: `mirror.example:5000/m${String(index)}/`,
  }));
}

/** The obvious way, for comparison. */
function scan(rules: readonly PrefixRule[], reference: string): string {
  let best: PrefixRule | undefined;
  for (const rule of rules) {
    if (reference.startsWith(rule.from) && rule.from.length > (best?.from.length ?? 0)) best = rule;
  }
  return best === undefined ? reference : best.to + reference.slice(best.from.length);
}

const bench = new Bench({ time: 200 });
for (const count of counts) {
  const rules = rulesOf(count);
  const reference = `quay.io/organisation-${String(count - 1)}/team/application:v1.2.3`;
  const matcher = createPrefixMatcher(rules);
  bench.add(`matcher ${String(count)}`, () => matcher.replace(reference));
  bench.add(`scan ${String(count)}`, () => scan(rules, reference));
}
await bench.run();

function latency(name: string): number {
  const result = bench.getTask(name)?.result;
  return result !== undefined && "latency" in result ? result.latency.mean : Number.NaN;
}

const rows = counts.map((count) => {
  const reference = `quay.io/organisation-${String(count - 1)}/team/application:v1.2.3`;
  const trie = buildTrie(rulesOf(count).map((rule) => rule.from));
  return {
    rules: count,
    "reference length": reference.length,
    "characters read": findLongest(trie, reference).visited,
    "time against 1 rule": (latency(`matcher ${String(count)}`) / latency("matcher 1")).toFixed(2),
    "scanning, against 1 rule": (latency(`scan ${String(count)}`) / latency("scan 1")).toFixed(2),
  };
});
const columns = Object.keys(rows[0] ?? {}) as (keyof (typeof rows)[number])[];
process.stdout.write(`${columns.join("  ")}\n`);
for (const row of rows) {
  const cells = columns.map((column) => String(row[column]).padStart(column.length));
  process.stdout.write(`${cells.join("  ")}\n`);
}
