// What it costs to start the command line, against a Node that does nothing.
// usage: npm run build && node scripts/run.mjs bench/cli-startup.ts
import { execFileSync } from "node:child_process";
import path from "node:path";

const rounds = 31;
const program = path.resolve("dist/bin/kubectl-package");

function elapsed(args: readonly string[]): number {
  const start = process.hrtime.bigint();
  execFileSync(process.execPath, args, { stdio: "ignore" });
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

const lines: Readonly<Record<string, readonly string[]>> = {
  "node -e 0": ["-e", "0"],
  version: [program, "version"],
  "--help": [program, "--help"],
  "__complete va": [program, "__complete", "va"],
  "validate examples/nginx": [program, "validate", "examples/nginx"],
};
const times = new Map(Object.keys(lines).map((name) => [name, [] as number[]]));
// In turns, so that whatever else the machine does falls on all of them.
for (let round = 0; round < rounds; round += 1) {
  for (const [name, args] of Object.entries(lines)) times.get(name)!.push(elapsed(args));
}
const base = times.get("node -e 0")!;
for (const [name, values] of times) {
  // Against the Node of the same round, so that a machine that gets busier does not change the ratio.
  const ratio = median(values.map((value, round) => value / base[round]!)).toFixed(2);
  process.stdout.write(`${name.padEnd(24)} ${median(values).toFixed(1).padStart(7)} ms  ${ratio}\n`);
}
