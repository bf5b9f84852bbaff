// KUBECONFIG=... npm run bench bench/operator.ts [requests] [speed] [idle] [memory]
// What the operator costs a cluster: requests per package by verb, seconds for 50 packages, requests while nothing
// happens, and memory. Runs the operator as a process of its own on the cluster of KUBECONFIG, whose user needs a
// client certificate in the file; packages are pulled from a registry in this process.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadKubeConfig } from "@package-operator/kube";
import { bundleManager, type ManagerProcess } from "../test/scenarios/manager-process.ts";
import { configMapFile, manifest } from "../test/scenarios/packages.ts";
import { openRegistry } from "../test/scenarios/registry.ts";
import { openBenchCluster } from "./operator-cluster.ts";
import { type RequestCounts, startCountingProxy } from "./operator-proxy.ts";

const { KUBECONFIG: kubeconfig = "" } = process.env;
if (kubeconfig === "") throw new Error("KUBECONFIG names no cluster");
const wanted = process.argv.slice(2);
const wants = (part: string): boolean => wanted.length === 0 || wanted.includes(part);

/** Seconds the Go operator needs for the same 50 packages on the same machine. */
const upstreamSeconds = 15.6;
const verbs = ["get", "list", "watch", "create", "update", "apply", "dry-run", "patch", "delete"];

const root = process.cwd();
const folder = await mkdtemp(path.join(os.tmpdir(), "bench-operator-"));
const proxy = await startCountingProxy(await loadKubeConfig({ kubeconfig, env: {} }));
const proxied = path.join(folder, "kubeconfig");
await writeFile(
  proxied,
  `apiVersion: v1
kind: Config
clusters: [{name: proxy, cluster: {server: "${proxy.url}"}}]
contexts: [{name: proxy, context: {cluster: proxy}}]
current-context: proxy
`,
);
const registry = await openRegistry();
const cluster = await openBenchCluster(kubeconfig, root);
const manager = await bundleManager(root);

/** Every namespace has this account; without pull secrets it is enough. */
const argv = ["-service-account-namespace=default", "-service-account-name=default"];

/** A package of `count` config maps in one phase. */
function pushPackage(count: number): Promise<string> {
  const files = Array.from({ length: count }, (_, index) => [
    `object-${index}.yaml.gotmpl`,
    configMapFile(`{{.package.metadata.name}}-${index}`, { namespace: "default" }),
  ]);
  return registry.push(`objects-${count}:v1`, {
    "manifest.yaml": manifest({ name: `objects-${count}` }),
    ...Object.fromEntries(files),
  });
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

function row(what: string, counts: RequestCounts, per = 1): void {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const cells = [...verbs.map((verb) => counts[verb] ?? 0), total].map((count) => rounded(count / per));
  print(what, cells);
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

function print(what: string, cells: readonly string[]): void {
  process.stdout.write(`${what.padEnd(30)}${cells.map((cell) => cell.padStart(9)).join("")}\n`);
}

/** Resolves when nothing but watches has passed the proxy for a while. */
async function quiet(): Promise<void> {
  for (let calm = 0; calm < 4; calm++) {
    await sleep(500);
    if (proxy.take().lines.length > 0) calm = -1;
  }
}

async function residentMebibytes({ pid }: ManagerProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

async function countRequests(image: string): Promise<void> {
  const running = manager.start({ kubeconfig: proxied, argv });
  try {
    // The first package also pays for discovery and for the watches of its kinds.
    await cluster.install(["bench-first"], image);
    await quiet();
    const singles = names("bench-single", 5);
    for (const name of singles) {
      await cluster.install([name], image);
      const { counts, lines } = proxy.take();
      row(`1 package of 10 objects`, counts);
      if (process.env["SHOW"]) process.stdout.write(`${lines.join("\n")}\n`);
      await quiet();
    }
    const many = names("bench-many", 50);
    await cluster.install(many, image);
    row("each of 50 at once", proxy.take().counts, many.length);
    await quiet();
    if (wants("idle")) {
      await sleep(60_000);
      const { counts, lines } = proxy.take();
      row("idle minute, 50 packages", counts);
      for (const line of lines) process.stdout.write(`  ${line}\n`);
    }
    await cluster.uninstall([...many, ...singles, "bench-first"]);
    row("each of 56 deleted", proxy.take().counts, 56);
  } finally {
    await running.end();
  }
}

async function measureSpeed(image: string): Promise<void> {
  const running = manager.start({ kubeconfig, argv });
  try {
    await cluster.install(["bench-first"], image);
    const many = names("bench-fast", 50);
    for (let round = 0; round < 3; round++) {
      const seconds = await cluster.install(many, image);
      process.stdout.write(
        `50 packages of 10 objects: ${seconds.toFixed(2)} s, ${(seconds / upstreamSeconds).toFixed(2)} x upstream\n`,
      );
      await cluster.uninstall(many);
    }
    await cluster.uninstall(["bench-first"]);
  } finally {
    await running.end();
  }
}

async function measureMemory(image: string): Promise<void> {
  const running = manager.start({ kubeconfig, argv });
  try {
    await sleep(2000);
    process.stdout.write(`memory: ${await residentMebibytes(running)} MiB with no package`);
    const many = names("bench-memory", 500);
    const seconds = await cluster.install(many, image);
    await sleep(5000);
    process.stdout.write(
      `, ${await residentMebibytes(running)} MiB with 500 packages of 20 objects (${seconds.toFixed(1)} s)\n`,
    );
    await cluster.uninstall(many);
  } finally {
    await running.end();
  }
}

try {
  if (wants("requests") || wants("idle")) {
    print("requests", [...verbs, "all"]);
    await countRequests(await pushPackage(10));
  }
  if (wants("speed")) await measureSpeed(await pushPackage(10));
  if (wants("memory")) await measureMemory(await pushPackage(20));
} finally {
  await manager.remove();
  await cluster.close();
  await registry.close();
  await proxy.close();
  await rm(folder, { recursive: true, force: true });
}
