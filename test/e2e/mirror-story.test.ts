import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a script of the repository; `ended` resolves with everything it printed. */
function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].on("data", (chunk: Buffer) => (printed[stream] += chunk.toString()));
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => resolve({ code, ...printed }));
  });
  return { child, ended };
}

const demo = ["scripts/run.mjs", "packages/sandbox/src/demo/main.ts"];

test("npm start plays the story to a verified end", { timeout: 120_000 }, async () => {
  expect(await start("scripts/build.mjs").ended).toMatchObject({ code: 0 });
  const { code, stdout, stderr } = await start(...demo, "--output", "json").ended;
  expect(code, stderr).toBe(0);
  const { images, uses } = JSON.parse(stdout) as {
    images: { original: string; rule: string; resolved: string; usedBy: string[] }[];
    uses: { kind: string; resolved: string; finding?: unknown }[];
  };
  const manager = images.find(({ original }) =>
    original.startsWith("quay.io/package-operator/package-operator-manager:"),
  );
  expect(manager?.rule).toMatch(/^quay\.io\/=127\.0\.0\.1:\d+\/pko-mirror\/$/);
  expect(manager?.usedBy).toContain("Deployment package-operator-manager");
  expect(images.map(({ original }) => original)).toEqual(
    expect.arrayContaining(["quay.io/example/hello-package:v1", "quay.io/example/hello:v1"]),
  );
  expect(uses.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["Pod", "ClusterPackage", "ClusterObjectSet"]),
  );
  for (const use of uses) {
    expect(use.resolved).toMatch(/^127\.0\.0\.1:\d+\/pko-mirror\//);
    expect(use.finding).toBeUndefined();
  }
});

test("an interrupt in the middle cleans everything up and is reported", { timeout: 120_000 }, async () => {
  const { child, ended } = start(...demo);
  await new Promise<void>((resolve, reject) => {
    let printed = "";
    child.stdout!.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes("custom resources")) resolve();
    });
    void ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  child.kill("SIGTERM");
  const { code, stderr } = await ended;
  expect(code).toBe(130);
  expect(stderr).toContain("Error: interrupted");
});

test("a wrong option is an error", async () => {
  const { code, stderr } = await start(...demo, "--nope").ended;
  expect(code).toBe(1);
  expect(stderr).toContain("--nope");
});
