// npm run bench bench/oci-memory.ts [GIB]
// Copies one large layer between two real registries and prints how far memory rises above idle; needs docker-registry.
import { createHash, randomBytes } from "node:crypto";
import {
  copyImage,
  createRegistryClient,
  digestOf,
  mediaTypes,
  type Descriptor,
} from "@package-operator/oci";
import { startDockerRegistry } from "../packages/oci/src/testing/docker-registry.ts";

const size = Number(process.argv[2] ?? 2) * 1024 ** 3;
const block = randomBytes(1024 * 1024);

/** The layer: one random block over and over. */
async function* content(offset: number): AsyncGenerator<Uint8Array> {
  for (let position = offset; position < size;) {
    const chunk = block.subarray(position % block.length).subarray(0, size - position);
    yield chunk;
    position += chunk.length;
  }
}

const hash = createHash("sha256");
for await (const chunk of content(0)) hash.update(chunk);
const layer: Descriptor = { mediaType: mediaTypes.ociLayer, digest: `sha256:${hash.digest("hex")}`, size };

const [from, to] = [await startDockerRegistry(), await startDockerRegistry()];
const client = createRegistryClient();
const source = client.repository(from.address, "team/large");
await source.writeBlob(layer, content);
const config = Buffer.from("{}");
const configDescriptor = { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length };
await source.writeBlob(configDescriptor, async function* () {
  yield config;
});
const manifest = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: configDescriptor,
  layers: [layer],
};
const bytes = Buffer.from(JSON.stringify(manifest));
const descriptor = { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length };
await source.writeManifest("v1", { descriptor, bytes });

const idle = process.memoryUsage.rss();
let peak = idle;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 20);
const start = performance.now();
await copyImage(source, client.repository(to.address, "mirror/large"), {
  reference: "v1",
  signal: AbortSignal.timeout(600_000),
});
clearInterval(watch);
const seconds = (performance.now() - start) / 1000;
const mib = (value: number): string => `${Math.round(value / 1024 ** 2)} MiB`;
process.stdout.write(
  `${mib(size)} in ${seconds.toFixed(1)} s, memory ${mib(idle)} idle, ${mib(peak - idle)} above\n`,
);
await client.close();
await from.close();
await to.close();
