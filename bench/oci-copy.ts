// npm run bench bench/oci-copy.ts [ROUNDS]
// Mirrors 8 two-platform images that share a base layer, between two real registries, with our copy engine and with
// `skopeo copy --all`, one after the other in each round; skopeo links the base from its cache of blob places, too.
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
// A third of all bytes is unique, so 0.33 is what copying each unique byte once can reach.
const baseSize = 12 * 1024 * 1024;
const ownSize = Math.round(3.67 * 1024 * 1024);
const rounds = Number(process.argv[2] ?? 5);

const layerOf = (size: number): Promise<Layer> =>
  createLayer([{ path: "data", content: randomBytes(size), mode: 0o644 }], { format: "oci" });

async function fill(client: RegistryClient, address: string): Promise<void> {
  const bases = [await layerOf(baseSize), await layerOf(baseSize)];
  for (let image = 0; image < images; image++) {
    const target = client.repository(address, `team/app-${image}`);
    const manifests = [];
    for (const [index, architecture] of ["amd64", "arm64"].entries()) {
      const platform = { os: "linux", architecture };
      const built = buildImage({ layers: [bases[index]!, await layerOf(ownSize)], platform, format: "oci" });
      await writeImage(target, built);
      manifests.push({ ...built.manifest.descriptor, platform });
    }
    await target.writeManifest("v1", buildIndex(manifests));
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
await fill(client, source.address);
await client.close();

const first: number[] = [];
const second: number[] = [];
for (let round = 0; round < rounds; round++) {
  const [a, b] = [await startDockerRegistry(), await startDockerRegistry()];
  const own = [
    await seconds(() => ours(source.address, a.address)),
    await seconds(() => ours(source.address, a.address)),
  ];
  const peer = [
    await seconds(() => skopeo(source.address, b.address)),
    await seconds(() => skopeo(source.address, b.address)),
  ];
  first.push(own[0]! / peer[0]!);
  second.push(own[1]! / peer[1]!);
  const show = (values: readonly number[]): string =>
    values.map((value) => `${value.toFixed(2)} s`).join(", ");
  process.stdout.write(`round ${round + 1}: ours ${show(own)} · skopeo ${show(peer)}\n`);
  await a.close();
  await b.close();
}
process.stdout.write(
  `first copy ${median(first).toFixed(2)} x skopeo, second ${median(second).toFixed(2)} x (medians)\n`,
);
await source.close();
await rm(home, { recursive: true, force: true });
