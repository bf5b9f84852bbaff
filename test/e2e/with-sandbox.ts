import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createSandbox, type Sandbox, type SandboxOptions } from "@package-operator/sandbox";
import { afterAll, beforeAll } from "vitest";
import type { KillServer } from "../scenarios/chaos-server.ts";

/** Starts a sandbox for the tests of the calling suite; gives the path of its kubeconfig once they run. */
export function withSandbox(options: SandboxOptions = {}): () => string {
  return startSandbox(() => options).kubeconfig;
}

/** A sandbox that keeps its storage, so that it can die and come back at the same address. */
export function withMortalSandbox(): { kubeconfig: () => string; kill: KillServer } {
  return startSandbox((folder) => ({ dataDir: path.join(folder, "data") }));
}

function startSandbox(optionsIn: (folder: string) => SandboxOptions): {
  kubeconfig: () => string;
  kill: KillServer;
} {
  let sandbox: Sandbox;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "scenario-"));
    sandbox = await createSandbox(optionsIn(folder));
    await sandbox.writeKubeconfig(path.join(folder, "kubeconfig"));
  });

  afterAll(async () => {
    await sandbox?.close();
    await rm(folder, { recursive: true, force: true });
  });

  return {
    kubeconfig: () => path.join(folder, "kubeconfig"),
    async kill() {
      const port = Number(new URL(sandbox.url).port);
      // The API server goes first and at once: the rest takes its time, in which nobody may be served any more.
      await sandbox.server.close();
      await sandbox.close();
      return async () => {
        sandbox = await createSandbox({ ...optionsIn(folder), port });
      };
    },
  };
}
