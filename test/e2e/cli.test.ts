import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createSandbox, type Sandbox } from "@package-operator/sandbox";
import { afterAll, beforeAll, describe } from "vitest";
import { cliScenarios } from "../scenarios/cli-scenarios.ts";

describe("commands on the sandbox", () => {
  let sandbox: Sandbox;
  let folder: string;
  const kubeconfig = (): string => path.join(folder, "kubeconfig");
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "cli-sandbox-"));
    sandbox = await createSandbox();
    await sandbox.writeKubeconfig(kubeconfig());
  });
  // Hooks run last to first, so the scenarios clean up before this.
  afterAll(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true });
  });
  cliScenarios(kubeconfig);
});
