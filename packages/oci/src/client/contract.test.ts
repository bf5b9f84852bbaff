import { describe } from "vitest";
import { createRegistryServer } from "../server/server.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import { storageContent } from "../storage/storage-content.ts";
import { contentContract } from "../testing/content-contract.ts";
import { hasProgram, startDockerRegistry } from "../testing/docker-registry.ts";
import { createRegistryClient } from "./client.ts";

contentContract("memory", () => {
  const storage = memoryStorage();
  return Promise.resolve({
    repository: (name) => storageContent(storage, name),
    close: () => Promise.resolve(),
  });
});

contentContract("our client and server", async () => {
  const server = createRegistryServer({ storage: memoryStorage() });
  const { address } = await server.listen();
  const client = createRegistryClient();
  return {
    repository: (name) => client.repository(address, name),
    close: async () => {
      await client.close();
      await server.close();
    },
  };
});

contentContract("our client and server, blobs in pieces", async () => {
  const server = createRegistryServer({ storage: memoryStorage() });
  const { address } = await server.listen();
  const client = createRegistryClient({ chunkSize: 1500 });
  return {
    repository: (name) => client.repository(address, name),
    close: async () => {
      await client.close();
      await server.close();
    },
  };
});

describe.skipIf(!hasProgram("docker-registry"))("a real registry", () => {
  contentContract("our client and docker-registry", async () => {
    const registry = await startDockerRegistry();
    const client = createRegistryClient();
    return {
      repository: (name) => client.repository(registry.address, name),
      close: async () => {
        await client.close();
        await registry.close();
      },
    };
  });

  contentContract("our client and docker-registry, blobs in pieces", async () => {
    const registry = await startDockerRegistry();
    const client = createRegistryClient({ chunkSize: 1500 });
    return {
      repository: (name) => client.repository(registry.address, name),
      close: async () => {
        await client.close();
        await registry.close();
      },
    };
  });
});
