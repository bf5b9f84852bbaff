// npm run bench bench/oci-copy.ts [ROUNDS]
// Mirrors 8 two-platform images that share a base layer, between two real registries, with our copy engine and with
// `skopeo copy --all`, one after the other in each round; skopeo links the base from its cache of blob places, too.
// Beside them stand plain uploads of each layer from memory, one after another: what of a ratio is the machine's, as a
// registry takes its part of the same cores.
// Prints seconds and ratios; needs docker-registry and skopeo.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import {
  buildImage,
  buildIndex,
  copyImage,
  createCopyRun,
  createLayer,
  createRegistryClient,
  writeImage,
  type Layer,
  type RegistryClient,
} from "@package-operator/oci";
import { startDockerRegistry } from "../packages/oci/src/testing/docker-registry.ts";

const images = 8;
const baseSize = 12 * 1024 * 1024;
const ownSize = Math.round(3.67 * 1024 * 1024);
const rounds = Number(process.argv[2] ?? 5);

const layerOf = (size: number): Promise<Layer> =>
  createLayer([{ path: "data", content: randomBytes(size), mode: 0o644 }], { format: "oci" });

async function fill(client: RegistryClient, address: string): Promise<readonly Layer[]> {
  const bases = [await layerOf(baseSize), await layerOf(baseSize)];
  const layers = [...bases];
  for (let image = 0; image < images; image++) {
    const target = client.repository(address, `team/app-${image}`);
    const manifests = [];
    for (const [index, architecture] of ["amd64", "arm64"].entries()) {
      const platform = { os: "linux", architecture };
      const own = await layerOf(ownSize);
      layers.push(own);
      const built = buildImage({ layers: [bases[index]!, own], platform, format: "oci" });
      await writeImage(target, built);
      manifests.push({ ...built.manifest.descriptor, platform });
    }
    await target.writeManifest("v1", buildIndex(manifests));
  }
  return layers;
}

/** Plain HTTP: no client of ours, nothing read, nothing hashed. */
async function uploadOnce(layers: readonly Layer[], to: string): Promise<void> {
  for (const { bytes, descriptor } of layers) {
    const opened = await fetch(`http://${to}/v2/plain/layers/blobs/uploads/`, { method: "POST" });
    const location = new URL(opened.headers.get("location")!, opened.url);
    location.searchParams.set("digest", descriptor.digest);
    const closed = await fetch(location, { method: "PUT", body: bytes });
    if (closed.status !== 201) throw new Error(`${closed.status} ${await closed.text()}`);
  }
}

async function seconds(task: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await task();
  return (performance.now() - start) / 1000;
}

async function ours(from: string, to: string): Promise<void> {
  const client = createRegistryClient();
  const run = createCopyRun();
  const copies = Array.from({ length: images }, (_, image) =>
    copyImage(client.repository(from, `team/app-${image}`), client.repository(to, `mirror/app-${image}`), {
      reference: "v1",
      run,
    }),
  );
  await Promise.all(copies);
  await client.close();
}

async function skopeo(from: string, to: string): Promise<void> {
  for (let image = 0; image < images; image++) {
    const source = `docker://${from}/team/app-${image}:v1`;
    const target = `docker://${to}/mirror/app-${image}:v1`;
    const args = ["copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false", source, target];
    await promisify(execFile)("skopeo", args, { env: { ...process.env, HOME: home } });
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const home = await mkdtemp(path.join(tmpdir(), "bench-home-"));
const source = await startDockerRegistry();
const client = createRegistryClient();
const layers = await fill(client, source.address);
await client.close();

const twice = async (copy: () => Promise<void>): Promise<number[]> => [
  await seconds(copy),
  await seconds(copy),
];
const contenders: Readonly<Record<string, (to: string) => Promise<number[]>>> = {
  ours: (to) => twice(() => ours(source.address, to)),
  skopeo: (to) => twice(() => skopeo(source.address, to)),
  uploads: async (to) => [await seconds(() => uploadOnce(layers, to))],
};
const first: number[] = [];
const second: number[] = [];
const uploads: number[] = [];
for (let round = 0; round < rounds; round++) {
  // Whoever comes first meets the disk still busy with what the round before left, so everybody is first in turn.
  const names = Object.keys(contenders);
  const order = names.map((_, index) => names[(index + round) % names.length]!);
  const took: Record<string, number[]> = {};
  for (const name of order) {
    const target = await startDockerRegistry();
    took[name] = await contenders[name]!(target.address);
    await target.close();
  }
  first.push(took["ours"]![0]! / took["skopeo"]![0]!);
  second.push(took["ours"]![1]! / took["skopeo"]![1]!);
  uploads.push(took["uploads"]![0]! / took["skopeo"]![0]!);
  const shown = names.map(
    (name) => `${name} ${took[name]!.map((value) => `${value.toFixed(2)} s`).join(", ")}`,
  );
  process.stdout.write(`round ${round + 1}: ${shown.join(" · ")}\n`);
}
process.stdout.write(
  `first copy ${median(first).toFixed(2)} x skopeo, second ${median(second).toFixed(2)} x, ` +
    `each layer once without reading it ${median(uploads).toFixed(2)} x (medians)\n`,
);
await source.close();
await rm(home, { recursive: true, force: true });
