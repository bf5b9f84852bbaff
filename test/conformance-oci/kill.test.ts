import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  collectGarbage,
  copyImage,
  createRegistryClient,
  dependenciesOf,
  memoryContent,
  parseManifest,
  readBlob,
  writeImage,
  type BuiltImage,
  type ContentSource,
  type CopyEvent,
  type RegistryClient,
} from "@package-operator/oci";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomLayer, sampleImage } from "../../packages/oci/src/testing/samples.ts";
import { bundleCli, type BundledCli } from "../e2e/bundled-cli.ts";
import { startServe } from "./serve-process.ts";
import { conformanceSuite } from "./suite.ts";

let cli: BundledCli;
let dir: string;
beforeAll(async () => {
  cli = await bundleCli();
  dir = await mkdtemp(path.join(tmpdir(), "oci-kill-"));
});
afterAll(async () => {
  await cli.remove();
  await rm(dir, { recursive: true, force: true });
});

conformanceSuite("registry serve, restarted by kill -9", async () => {
  const storage = path.join(dir, "suite");
  let running = await startServe(cli.program, storage);
  return {
    url: () => running.url,
    restart: async () => {
      await running.kill();
      running = await startServe(cli.program, storage);
    },
    close: () => running.kill(),
  };
});

/** What a registry said to have stored. */
interface Acknowledged {
  readonly manifests: Set<string>;
  readonly blobs: Set<string>;
  readonly tags: Set<string>;
}

const names = ["kill/a", "kill/b", "kill/c"];

/** Reads an image with all its parts; throws where bytes are not what their digest says. */
async function readWhole(source: ContentSource, reference: string): Promise<void> {
  const content = await source.manifest(reference);
  for (const part of dependenciesOf(parseManifest(content))) await readBlob(source, part);
}

/** Pushes one image per repository at the same time and kills the server after so many events. */
async function pushAndKill(
  storage: string,
  images: readonly BuiltImage[],
  events: number,
): Promise<Acknowledged> {
  const acknowledged = { manifests: new Set<string>(), blobs: new Set<string>(), tags: new Set<string>() };
  const server = await startServe(cli.program, storage);
  const client = createRegistryClient();
  const abort = new AbortController();
  let left = events;
  let killed: Promise<void> | undefined;
  const note = (event: CopyEvent, name: string): void => {
    if (killed !== undefined) return;
    if (event.type === "blob") acknowledged.blobs.add(`${name} ${event.descriptor.digest}`);
    if (event.type === "manifest") acknowledged.manifests.add(`${name} ${event.descriptor.digest}`);
    if (event.type === "tag") acknowledged.tags.add(`${name} ${event.tag}`);
    left -= 1;
    if (left > 0) return;
    killed = server.kill();
    abort.abort();
  };
  const address = new URL(server.url).host;
  const push = async (image: BuiltImage, index: number): Promise<void> => {
    const source = memoryContent();
    await writeImage(source, image, { tags: ["v1"] });
    const name = names[index]!;
    await copyImage(source, client.repository(address, name), {
      reference: "v1",
      onEvent: (event) => note(event, name),
      signal: abort.signal,
    });
  };
  await Promise.allSettled(images.map(push));
  await client.close();
  await (killed ?? server.kill());
  return acknowledged;
}

/** Everything that can be seen is whole, and everything that was acknowledged can be seen. */
async function expectConsistent(
  client: RegistryClient,
  address: string,
  acknowledged: Acknowledged,
): Promise<void> {
  for (const name of names) {
    const repository = client.repository(address, name);
    for (const tag of await repository.tags()) await readWhole(repository, tag);
  }
  for (const key of [...acknowledged.manifests, ...acknowledged.tags]) {
    const [name, reference] = key.split(" ") as [string, string];
    await readWhole(client.repository(address, name), reference);
  }
  for (const key of acknowledged.blobs) {
    const [name, digest] = key.split(" ") as [string, string];
    const response = await fetch(`http://${address}/v2/${name}/blobs/${digest}`);
    const hash = createHash("sha256").update(Buffer.from(await response.arrayBuffer()));
    expect(`sha256:${hash.digest("hex")}`).toBe(digest);
  }
}

/** No content lies under a digest that is not its own. */
async function expectVerified(storage: string): Promise<void> {
  const blobs = path.join(storage, "blobs");
  const entries = await readdir(blobs, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((item) => item.isFile() && !item.name.endsWith(".tmp"))) {
    const bytes = await readFile(path.join(entry.parentPath, entry.name));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(entry.name);
  }
}

describe("a registry that is killed while images are pushed", () => {
  test.each([1, 2, 4, 6, 9, 12, 15, 18, 21, 24])(
    "after %i events holds whole content only, all that it acknowledged, and takes the rest",
    async (events) => {
      const storage = path.join(dir, `storage-${events}`);
      const layers = [await randomLayer(300_000), await randomLayer(700_000)];
      const images = [
        await sampleImage({ layers }),
        await sampleImage({ layers: [layers[0]!, await randomLayer(500_000)] }),
        await sampleImage(),
      ];
      const acknowledged = await pushAndKill(storage, images, events);
      await expectVerified(storage);
      const server = await startServe(cli.program, storage);
      const client = createRegistryClient();
      try {
        const address = new URL(server.url).host;
        await expectConsistent(client, address, acknowledged);
        await Promise.all(
          images.map(async (image, index) => {
            const source = memoryContent();
            await writeImage(source, image, { tags: ["v1"] });
            const target = client.repository(address, names[index]!);
            await copyImage(source, target, { reference: "v1" });
          }),
        );
        // The remains of the crash go, and nothing else.
        await collectGarbage(storage, { now: () => Date.now() + 86_400_000 * 2 });
        for (const name of names) await readWhole(client.repository(address, name), "v1");
        const left = await readdir(storage, { recursive: true, withFileTypes: true });
        const remains = left.filter(
          (entry) => entry.isFile() && (entry.name.endsWith(".tmp") || entry.parentPath.endsWith("_uploads")),
        );
        expect(remains).toEqual([]);
      } finally {
        await client.close();
        await server.kill();
      }
    },
  );
});
