import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filesOf, type Layout, layoutNames, seededRandom } from "./chaos-model.ts";
import type { KillServer } from "./chaos-server.ts";
import { createChaosUsers } from "./chaos-users.ts";
import { untilAsWanted } from "./chaos-verdict.ts";
import { openCluster, type TestCluster } from "./cluster.ts";
import { keepManager, type KeptManager } from "./kept-manager.ts";
import { type BundledManager, bundleManager } from "./manager-process.ts";
import { createPuller } from "./puller.ts";
import { openRegistry, type TestRegistry } from "./registry.ts";

/** How bad it gets. */
export interface ChaosOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly packages: number;
  /** Kills the API server; without it the server is left alone. */
  readonly killServer?: KillServer | undefined;
}

/** How long the cluster may take to settle when the chaos is over. */
const settleMs = 180_000;

/** Users change, pause and delete packages at random while programs die; in the end everybody has what they asked for. */
export function chaosScenario(kubeconfig: () => string, options: ChaosOptions): void {
  let cluster: TestCluster;
  let registry: TestRegistry;
  let bundled: BundledManager;
  let manager: KeptManager | undefined;

  beforeAll(async () => {
    cluster = await openCluster(kubeconfig());
    registry = await openRegistry();
    bundled = await bundleManager(path.resolve(import.meta.dirname, "../.."));
  });

  afterAll(async () => {
    await cluster?.close();
    await manager?.end();
    await bundled?.remove();
    await registry?.close();
  });

  const { seed, durationMs, packages, killServer } = options;
  const timeout = durationMs + 3 * settleMs;
  test(
    `${packages} packages survive ${durationMs / 1000} s of chaos (seed ${seed})`,
    { timeout },
    async () => {
      const { namespace, flags } = await createPuller(cluster);
      const start = () => bundled.start({ kubeconfig: kubeconfig(), argv: flags });
      const random = seededRandom(seed);
      const users = createChaosUsers({
        client: cluster.client,
        namespace,
        packages,
        images: await pushImages(registry, namespace),
        random,
      });
      const startedAt = Date.now();
      const elapsed = () => Date.now() - startedAt;
      let nextKill = 3000;
      let nextRestart = durationMs / 3;
      manager = keepManager(start);
      while (elapsed() < durationMs) {
        await users.act();
        await sleep(random() * 100);
        if (elapsed() > nextKill) {
          nextKill = elapsed() + 3000 + random() * 6000;
          await manager.kill();
        }
        if (killServer && elapsed() > nextRestart) {
          nextRestart += durationMs / 3;
          const restart = await killServer();
          await restart();
        }
      }
      await users.resumeAll();
      const differences = () => untilAsWanted(cluster.client, namespace, users, settleMs);
      expect(await differences(), manager.lastWords()).toEqual([]);
      await users.deleteAll();
      expect(await differences(), manager.lastWords()).toEqual([]);
      // Only where the server goes away may the operator give up, as it does when that happens while it starts.
      if (killServer === undefined) expect(manager.selfEnded).toEqual([]);
    },
  );
}

async function pushImages(registry: TestRegistry, namespace: string): Promise<Record<Layout, string>> {
  const images = await Promise.all(
    layoutNames.map(async (layout) => [
      layout,
      await registry.push(`${layout}:v1`, filesOf(layout, namespace)),
    ]),
  );
  return Object.fromEntries(images) as Record<Layout, string>;
}
