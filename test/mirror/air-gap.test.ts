import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseMirrorLock } from "@package-operator/mirror";
import { diskStorage, storageContent, writeImage } from "@package-operator/oci";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lockText, manifestText, packageOf } from "../../packages/mirror/src/testing/registry.ts";
import { writeBlobs } from "../../packages/oci/src/testing/content-checks.ts";
import { hasProgram } from "../../packages/oci/src/testing/docker-registry.ts";
import { sampleImage, sampleIndex, sampleReferrer } from "../../packages/oci/src/testing/samples.ts";
import { type BundledCli, bundleCli } from "../e2e/bundled-cli.ts";
import { canMakeNamespaces, createNamespace, type NetworkNamespace } from "./network-namespace.ts";

const job = `kind: Job # the bootstrap
metadata: {name: package-operator-bootstrap}
spec:
  template:
    spec:
      containers:
      - name: package-operator
        image: quay.io/org/manager:v1
        args: ["-self-bootstrap=quay.io/org/package:v1"]
        env: [{name: PKO_IMAGE_PREFIX_OVERRIDES, value: ""}]
`;

/** Different addresses, so that reaching the wrong side cannot look like reaching the right one. */
const [outside, inside] = ["10.77.0.1:5000", "10.77.0.2:5000"];
const archiveAddress = "10.77.0.2:5001";

type Run = Awaited<ReturnType<NetworkNamespace["run"]>>;

describe.skipIf(!canMakeNamespaces())("two networks that never see each other", { timeout: 120_000 }, () => {
  let cli: BundledCli;
  let dir: string;
  let source: NetworkNamespace;
  let target: NetworkNamespace;
  /** What the archive has to carry: a digest for each repository. */
  let digests: Readonly<Record<string, string>>;

  const onSource = (...args: string[]): Promise<Run> => runIn(source, "source", args);
  const onTarget = (...args: string[]): Promise<Run> => runIn(target, "target", args);
  const runIn = (place: NetworkNamespace, folder: string, args: readonly string[]): Promise<Run> => {
    const cwd = path.join(dir, folder);
    return place.run(process.execPath, [cli.program, ...args], { cwd, env: { HOME: cwd } });
  };
  const serve = (place: NetworkNamespace, address: string, ...content: string[]): Promise<void> =>
    place.serve(/listening on/, process.execPath, [
      ...[cli.program, "registry", "serve", "--address", address],
      ...content,
    ]);
  const read = (file: string): Promise<string> => readFile(path.join(dir, "target", file), "utf8");

  beforeAll(async () => {
    cli = await bundleCli();
    dir = await mkdtemp(path.join(tmpdir(), "air-gap-"));
    for (const folder of ["source", "target"]) await mkdir(path.join(dir, folder));
    await writeFile(path.join(dir, "source", "job.yaml"), job);
    digests = await fill(path.join(dir, "source", "registry"));
    source = await createNamespace("10.77.0.1");
    target = await createNamespace("10.77.0.2");
    await serve(source, outside, "--storage", path.join(dir, "source", "registry"));
    await serve(target, inside, "--storage", path.join(dir, "target", "registry"));
  });
  afterAll(async () => {
    await source?.remove();
    await target?.remove();
    await cli?.remove();
    await rm(dir, { recursive: true, force: true });
  });

  test("the source side gathers the closure and cannot reach the target", async () => {
    const reach = ["--resolve", `quay.io=http://${outside}`];
    const images = await onSource("images", "job.yaml", ...reach);
    for (const name of Object.keys(digests)) expect(images.stdout).toContain(`quay.io/${name}`);
    const direct = await onSource("mirror", "job.yaml", "--to", `${inside}/pko`, ...reach);
    expect(direct).toMatchObject({ code: 1, stderr: expect.stringContaining(inside) });

    const gathered = await onSource(
      ...["mirror", "job.yaml", "--rewrite", "job.yaml", "--to-archive", "pko.tar", ...reach],
    );
    expect(gathered).toMatchObject({ code: 0, stdout: expect.stringContaining("3 images copied") });
    await cp(path.join(dir, "source", "pko.tar"), path.join(dir, "target", "pko.tar"));
  });

  test("the target side loads it without the source, and verifies every digest", async () => {
    const unreachable = await onTarget(
      ...["images", "quay.io/org/package:v1", "--resolve", `quay.io=http://${outside}`],
    );
    expect(unreachable.code).toBe(1);
    const load = ["mirror", "--from-archive", "pko.tar", "--to", `${inside}/pko`] as const;
    const loaded = await onTarget(...load, "--lock", "lock.yaml", "-o", "job.yaml");
    expect(loaded).toMatchObject({ code: 0, stdout: expect.stringContaining("3 images copied") });

    const { images } = parseMirrorLock(await read("lock.yaml"), "lock.yaml");
    expect(
      Object.fromEntries(images.map((image) => [image.source.slice("quay.io/".length), image.digest])),
    ).toEqual(digests);
    const manager = images.find((image) => image.source === "quay.io/org/manager");
    expect(manager).toMatchObject({ children: [expect.any(String), expect.any(String)] });
    expect(manager?.referrers).toHaveLength(1);
    const verified = await onTarget("verify", "mirror", "--lock", "lock.yaml");
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining("3 of 3 images complete") });
    const again = await onTarget(...load);
    expect(again.stdout).toContain("0 images copied, 3 were there, 0 B sent");
  });

  test("the manifest installs from the target, and a second rewrite changes nothing", async () => {
    const text = await read("job.yaml");
    expect(text).toContain("kind: Job # the bootstrap");
    expect(text).toContain(`image: ${inside}/pko/manager:v1`);
    expect(text).toContain(`-self-bootstrap=${inside}/pko/package:v1`);
    const { overrides } = parseMirrorLock(await read("lock.yaml"), "lock.yaml");
    expect(text).toContain(`value: "${overrides}"`);
    expect(await onTarget("rewrite", "job.yaml", "--override", overrides, "--check")).toMatchObject({
      code: 0,
    });
  });

  test("the archive itself is a registry for the names that the manifest asks for", async () => {
    const bound = ["--to", `${archiveAddress}/pko`, "--to-archive", "bound.tar"] as const;
    const reach = ["--resolve", `quay.io=http://${outside}`];
    expect(
      await onSource("mirror", "job.yaml", ...bound, "--lock", "bound.lock.yaml", ...reach),
    ).toMatchObject({
      code: 0,
    });
    for (const file of ["bound.tar", "bound.lock.yaml"]) {
      await cp(path.join(dir, "source", file), path.join(dir, "target", file));
    }
    await serve(target, archiveAddress, "--archive", path.join(dir, "target", "bound.tar"));
    expect(await onTarget("verify", "mirror", "--lock", "bound.lock.yaml")).toMatchObject({ code: 0 });
    expect((await onSource("verify", "mirror", "--lock", "bound.lock.yaml")).code).toBe(1);
  });

  test.skipIf(!hasProgram("skopeo"))(
    "skopeo reads all of it at the target, with the same digests",
    async () => {
      const home = path.join(dir, "target");
      const skopeo = (...args: string[]): Promise<Run> =>
        target.run("skopeo", ["--insecure-policy", ...args], { cwd: home, env: { HOME: home } });
      const { images } = parseMirrorLock(await read("lock.yaml"), "lock.yaml");
      for (const image of images) {
        const place = `docker://${image.target}@${image.digest}`;
        const copied = await skopeo(
          "copy",
          "--all",
          "--src-tls-verify=false",
          place,
          `dir:${image.digest.slice(7, 19)}`,
        );
        expect(copied).toMatchObject({ code: 0 });
      }
      const inspect = ["inspect", "--tls-verify=false", "--format", "{{.Digest}}"] as const;
      for (const [name, digest] of Object.entries(digests)) {
        const target = name.replace("org/", "pko/");
        const shown = await skopeo(...inspect, "--override-os=linux", `docker://${inside}/${target}:v1`);
        expect(shown.stdout.trim()).toBe(digest);
      }
    },
  );
});

/** A manager for two platforms with a signature, and a package that locks a workload. */
async function fill(folder: string): Promise<Readonly<Record<string, string>>> {
  const storage = await diskStorage(folder);
  const managers = storageContent(storage, "org/manager");
  const platforms = [await sampleImage(), await sampleImage({ architecture: "arm64" })];
  for (const image of platforms) await writeImage(managers, image);
  const manager = sampleIndex(platforms);
  await managers.writeManifest("v1", manager);
  const signature = sampleReferrer(manager);
  await writeBlobs(managers, signature.blobs);
  await managers.writeManifest(signature.manifest.descriptor.digest, signature.manifest);

  const push = async (name: string, image: Awaited<ReturnType<typeof sampleImage>>): Promise<string> =>
    writeImage(storageContent(storage, name), image, { tags: ["v1"] });
  const web = await push("org/web", await sampleImage({ format: "docker" }));
  const image = "quay.io/org/web:v1";
  const packaged = await packageOf({
    "manifest.yaml": manifestText("package", { images: { web: image } }),
    "manifest.lock.yaml": lockText([["web", image, web]]),
  });
  return {
    "org/manager": manager.descriptor.digest,
    "org/package": await push("org/package", packaged),
    "org/web": web,
  };
}
