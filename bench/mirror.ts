// npm run build && npm run bench bench/mirror.ts [shared|large|many|plan]...
// The whole `mirror` command against `skopeo copy --all`, both as processes, between real registries: medians of ratios over
// rounds that alternate, cold and warm. And what only we do: memory with a 2 GiB layer, a plan for 1,000 packages.
import { execFile } from "node:child_process";
import { createCipheriv, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { computeClosure, formatMirrorLock, planMirror } from "@package-operator/mirror";
import {
  buildImage,
  buildIndex,
  createLayer,
  createRegistryClient,
  createRegistryServer,
  digestOf,
  isDigest,
  type Layer,
  memoryStorage,
  type RegistryClient,
  storageContent,
  writeImage,
} from "@package-operator/oci";
import { buildPackageImage } from "@package-operator/packaging";
import { startDockerRegistry } from "../packages/oci/src/testing/docker-registry.ts";
import { startProgram } from "../test/e2e/bundled-cli.ts";

const MIB = 1024 * 1024;
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const home = await mkdtemp(path.join(tmpdir(), "bench-mirror-"));
const program = path.resolve("dist/bin/kubectl-package");

const layerOf = (size: number): Promise<Layer> => createLayer([{ path: "data", content: randomBytes(size) }]);

interface Stored {
  readonly name: string;
  readonly digest: string;
}

/** Pushes images of two platforms that share a base per platform. */
async function fill(
  client: RegistryClient,
  registry: string,
  sizes: { images: number; base: number; own: number },
): Promise<Stored[]> {
  const bases = [await layerOf(sizes.base), await layerOf(sizes.base)];
  const stored: Stored[] = [];
  for (let image = 0; image < sizes.images; image += 1) {
    const name = `team/app-${image}`;
    const target = client.repository(registry, name);
    const children = [];
    for (const [index, architecture] of ["amd64", "arm64"].entries()) {
      const platform = { os: "linux", architecture };
      const built = buildImage({ layers: [bases[index]!, await layerOf(sizes.own)], platform });
      await writeImage(target, built);
      children.push({ ...built.manifest.descriptor, platform });
    }
    const index = buildIndex(children);
    await target.writeManifest("v1", index);
    stored.push({ name, digest: index.descriptor.digest });
  }
  return stored;
}

/** The images as a lock, which is a source that needs no packages. */
async function writeLock(registry: string, stored: readonly Stored[]): Promise<string> {
  const file = path.join(home, "source.lock.yaml");
  const images = stored.map(({ name, digest }) => ({
    ...{ source: `${registry}/${name}`, target: `${registry}/${name}`, digest },
    ...{ children: [], referrers: [], tags: ["v1"], references: [`${registry}/${name}:v1`] },
  }));
  await writeFile(file, formatMirrorLock({ overrides: "", images }));
  return file;
}

interface Measured {
  readonly seconds: number;
  /** Largest resident memory in MiB. */
  readonly memory: number;
}

async function mirror(lock: string, target: string): Promise<Measured> {
  const start = performance.now();
  const running = startProgram(program, ["mirror", lock, "--to", `${target}/mirror`, "--no-referrers"], {
    cwd: home,
    env: { XDG_STATE_HOME: path.join(home, "state") },
  });
  let memory = 0;
  const watch = async (): Promise<void> => {
    // The process may end in between.
    const status = await readFile(`/proc/${running.pid}/status`, "utf8").catch(() => "");
    memory = Math.max(memory, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  };
  const timer = setInterval(() => void watch(), 20);
  const { code, stderr } = await running.ended;
  clearInterval(timer);
  if (code !== 0) throw new Error(stderr);
  return { seconds: (performance.now() - start) / 1000, memory };
}

async function skopeo(source: string, stored: readonly Stored[], target: string): Promise<number> {
  const start = performance.now();
  for (const { name } of stored) {
    const args = ["copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false"];
    await promisify(execFile)(
      "skopeo",
      [...args, `docker://${source}/${name}:v1`, `docker://${target}/mirror/${name}:v1`],
      {
        env: { ...process.env, HOME: home },
      },
    );
  }
  return (performance.now() - start) / 1000;
}

/** Alternates both tools, each into an empty registry of its own and then once more. */
async function race(
  title: string,
  sizes: { images: number; base: number; own: number },
  rounds: number,
): Promise<void> {
  const source = await startDockerRegistry();
  const client = createRegistryClient();
  const stored = await fill(client, source.address, sizes);
  await client.close();
  const lock = await writeLock(source.address, stored);
  const ratios: { cold: number[]; warm: number[] } = { cold: [], warm: [] };
  for (let round = 0; round < rounds; round += 1) {
    const [a, b] = [await startDockerRegistry(), await startDockerRegistry()];
    const cold = [
      (await mirror(lock, a.address)).seconds,
      await skopeo(source.address, stored, b.address),
    ] as const;
    const warm = [
      (await mirror(lock, a.address)).seconds,
      await skopeo(source.address, stored, b.address),
    ] as const;
    ratios.cold.push(cold[0] / cold[1]);
    ratios.warm.push(warm[0] / warm[1]);
    const show = ([ours, peer]: readonly [number, number]): string =>
      `${ours.toFixed(2)} s against ${peer.toFixed(2)} s`;
    say(`  round ${round + 1}: cold ${show(cold)}, warm ${show(warm)}`);
    await a.close();
    await b.close();
  }
  say(`${title}: cold ${median(ratios.cold).toFixed(2)} x skopeo, warm ${median(ratios.warm).toFixed(2)} x`);
  await source.close();
}

/** Random bytes that can be produced again, so that nothing holds them. */
async function* noise(size: number): AsyncGenerator<Uint8Array> {
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, 7), Buffer.alloc(16));
  const zeros = Buffer.alloc(MIB);
  for (let sent = 0; sent < size; sent += zeros.length) yield cipher.update(zeros);
}

async function large(): Promise<void> {
  const size = 2048 * MIB;
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  for await (const chunk of noise(size)) hash.update(chunk);
  const layer = {
    mediaType: "application/vnd.oci.image.layer.v1.tar",
    digest: `sha256:${hash.digest("hex")}`,
    size,
  };
  const [source, target] = [await startDockerRegistry(), await startDockerRegistry()];
  const client = createRegistryClient();
  const place = client.repository(source.address, "team/large");
  await place.writeBlob(layer, (offset) => {
    if (offset > 0) throw new Error("sent once");
    return noise(size);
  });
  const digest = await writeImage(
    place,
    buildImage({ layers: [{ descriptor: layer, diffId: layer.digest }] }),
    { tags: ["v1"] },
  );
  const small = await writeImage(
    client.repository(source.address, "team/small"),
    buildImage({ layers: [await layerOf(1000)] }),
  );
  await client.close();
  const idle = await mirror(
    await writeLock(source.address, [{ name: "team/small", digest: small }]),
    target.address,
  );
  const busy = await mirror(
    await writeLock(source.address, [{ name: "team/large", digest }]),
    target.address,
  );
  say(
    `one layer of 2 GiB: ${busy.memory.toFixed(0)} MiB at most, ${(busy.memory - idle.memory).toFixed(0)} MiB above a layer of 1 kB; ` +
      `${busy.seconds.toFixed(1)} s`,
  );
  await source.close();
  await target.close();
}

/** A chain of packages, each of which locks the next ten as its dependencies. */
async function plan(): Promise<void> {
  const count = 1000;
  const storage = memoryStorage();
  const digests: string[] = [];
  const header = "apiVersion: manifests.package-operator.run/v1alpha1\n";
  for (let index = count - 1; index >= 0; index -= 1) {
    const children = [index * 3 + 1, index * 3 + 2, index * 3 + 3].filter((child) => child < count);
    const entry = (child: number): string =>
      `  - {name: d${child}, image: "quay.io/org/p${child}:v1", digest: "${digests[child]!}", version: 1.0.0}\n`;
    const lock = `${header}kind: PackageManifestLock\nspec:\n  images: []\n${children.length === 0 ? "" : `  dependencies:\n${children.map(entry).join("")}`}`;
    const manifest = `${header}kind: PackageManifest\nmetadata: {name: p${index}}\nspec: {scopes: [Cluster], phases: [{name: deploy}]}\n`;
    const files = new Map([
      ["manifest.yaml", Buffer.from(manifest)],
      ["manifest.lock.yaml", Buffer.from(lock)],
    ]);
    const image = await buildPackageImage({ files, labels: {} });
    digests[index] = await writeImage(storageContent(storage, `org/p${index}`), image, { tags: ["v1"] });
  }
  const [server, empty] = [
    createRegistryServer({ storage }),
    createRegistryServer({ storage: memoryStorage() }),
  ];
  const [{ url }, { address }] = [await server.listen(), await empty.listen()];
  const client = createRegistryClient({ resolve: { "quay.io": url } });
  const open = (registry: string, name: string): ReturnType<RegistryClient["repository"]> =>
    client.repository(registry, name);
  const start = performance.now();
  const reference = "quay.io/org/p0:v1";
  const closure = await computeClosure(
    { requests: [{ reference, isPackage: true, reason: { kind: "source", in: reference } }] },
    { open },
  );
  const planned = await planMirror(closure, {
    rules: [{ from: "quay.io/org/", to: `${address}/m/` }],
    openTarget: open,
  });
  const seconds = (performance.now() - start) / 1000;
  if (planned.entries.length !== count || !planned.entries.every((one) => isDigest(one.digest)))
    throw new Error("incomplete");
  say(
    `a closure of ${count} packages: walked and planned in ${seconds.toFixed(1)} s (${digestOf(JSON.stringify(planned)).slice(0, 15)})`,
  );
  await client.close();
  await server.close();
  await empty.close();
}

const parts: Readonly<Record<string, () => Promise<void>>> = {
  shared: () =>
    race(
      "8 two-platform images with shared bases",
      { images: 8, base: 12 * MIB, own: Math.round(3.67 * MIB) },
      5,
    ),
  many: () => race("200 small two-platform images", { images: 200, base: 100_000, own: 10_000 }, 1),
  large,
  plan,
};
const wanted = process.argv.slice(2);
for (const name of wanted.length === 0 ? Object.keys(parts) : wanted) await parts[name]?.();
await rm(home, { recursive: true, force: true });
