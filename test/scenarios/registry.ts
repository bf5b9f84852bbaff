import { createRegistryClient, createRegistryServer, memoryStorage, writeImage } from "@package-operator/oci";
import { buildPackageImage } from "@package-operator/packaging";

/** A registry on this machine that packages can be pushed to. */
export interface TestRegistry {
  /** `host:port`. */
  readonly address: string;
  /** Paths of manifests that were asked for. */
  readonly requests: string[];
  /** Pushes a package of these files and returns its reference. */
  push(name: string, files: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

/** Starts an empty registry. */
export async function openRegistry(): Promise<TestRegistry> {
  const requests: string[] = [];
  const server = createRegistryServer({
    storage: memoryStorage(),
    onRequest: ({ method, path }) => {
      if (method === "GET" && path.includes("/manifests/")) requests.push(path);
    },
  });
  const { address } = await server.listen();
  return {
    address,
    requests,
    async push(name, files) {
      const raw = {
        files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
        labels: {},
      };
      const [repository = "", tag = "latest"] = name.split(":");
      const client = createRegistryClient({ insecureHosts: ["*"] });
      try {
        await writeImage(client.repository(address, repository), await buildPackageImage(raw), {
          tags: [tag],
        });
      } finally {
        await client.close();
      }
      return `${address}/${repository}:${tag}`;
    },
    close: () => server.close(),
  };
}
