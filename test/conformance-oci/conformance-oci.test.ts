import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createRegistryServer, diskStorage, memoryStorage } from "@package-operator/oci";
import { hasProgram, startDockerRegistry } from "../../packages/oci/src/testing/docker-registry.ts";
import { describe } from "vitest";
import { dockerDifferences } from "./docker-differences.ts";
import { conformanceSuite } from "./suite.ts";

conformanceSuite("in memory", async () => {
  const server = createRegistryServer({ storage: memoryStorage() });
  const { url } = await server.listen();
  return { url: () => url, close: () => server.close() };
});

conformanceSuite("on disk", async () => {
  const dir = await mkdtemp(path.join(tmpdir(), "oci-conformance-"));
  const start = async () => {
    const server = createRegistryServer({ storage: await diskStorage(dir) });
    return { server, ...(await server.listen()) };
  };
  let running = await start();
  return {
    url: () => running.url,
    restart: async () => {
      await running.server.close();
      running = await start();
    },
    async close() {
      await running.server.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
});

describe.skipIf(!hasProgram("docker-registry"))("docker-registry", () => {
  conformanceSuite(
    "docker-registry",
    async () => {
      const registry = await startDockerRegistry();
      return { url: () => `http://${registry.address}`, close: () => registry.close() };
    },
    dockerDifferences,
  );
});
