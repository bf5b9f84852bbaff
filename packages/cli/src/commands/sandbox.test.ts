import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { decodeYaml } from "@package-operator/kube-yaml";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runLine } from "../testing/run-line.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(path.join(os.tmpdir(), "sandbox-"));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

test("runs until interrupted, and leaves a kubeconfig that leads to it", async () => {
  const abort = new AbortController();
  const stdout = new PassThrough();
  const running = runLine(["sandbox", "--registry", "quay.io"], { cwd, stdout, signal: abort.signal });
  let printed = "";
  stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  await vi.waitFor(() => expect(printed).toContain("export KUBECONFIG="), { timeout: 20_000 });
  const url = /^listening on (https:\/\/127\.0\.0\.1:\d+)$/m.exec(printed)?.[1];
  expect(printed).toMatch(/^quay\.io at http:\/\/127\.0\.0\.1:\d+$/m);
  const kubeconfig = decodeYaml(await readFile(path.join(cwd, "sandbox.kubeconfig"), "utf8"));
  expect(kubeconfig).toMatchObject({ kind: "Config", clusters: [{ cluster: { server: url } }] });
  abort.abort();
  expect((await running).code).toBe(0);
});

test.each([
  [["sandbox", "--port", "70000"], 2, "--port 70000"],
  [["sandbox", "extra"], 2, "accepts 0 arg(s), received 1"],
])("%j is an error", async (args, code, part) => {
  const result = await runLine(args, { cwd });
  expect(result.code).toBe(code);
  expect(result.stderr).toContain(part);
});
