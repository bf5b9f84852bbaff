import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createSandbox, type Sandbox } from "@package-operator/sandbox";
import { afterAll, beforeAll } from "vitest";

/** Starts a sandbox for the tests of the calling suite; gives the path of its kubeconfig once they run. */
export function withSandbox(): () => string {
  let sandbox: Sandbox;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "scenario-"));
    sandbox = await createSandbox();
    await sandbox.writeKubeconfig(path.join(folder, "kubeconfig"));
  });

  afterAll(async () => {
    await sandbox?.close();
    await rm(folder, { recursive: true, force: true });
  });

  return () => path.join(folder, "kubeconfig");
}
