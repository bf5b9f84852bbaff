import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { decodeYaml } from "@package-operator/kube-yaml";
import {
  buildImage,
  createLayer,
  createRegistryServer,
  memoryStorage,
  type RegistryStorage,
  storageContent,
  writeImage,
} from "@package-operator/oci";
import { buildPackageImage } from "@package-operator/packaging";
import { createApiServer } from "@package-operator/sandbox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram } from "../packages/oci/src/testing/docker-registry.ts";
import { type BundledCli, bundleCli } from "./e2e/bundled-cli.ts";
import { hasYq } from "./yq.ts";

const root = path.resolve(import.meta.dirname, "..");
const run = promisify(execFile);
const version = "v1.18.2";

/** The shell commands of a page, in order. */
async function commandsOf(page: string): Promise<string[]> {
  const text = await readFile(path.join(root, "docs", page), "utf8");
  const blocks = [...text.matchAll(/^( *)```sh\n([\s\S]*?)^ *```$/gm)];
  // A command ends with its line unless that ends in a backslash or inside a quoted text.
  return blocks
    .flatMap(([, , block]) => block!.match(/(?:'[^']*'|\\\n|[^\n'])+/g) ?? [])
    .map((line) => line.trim());
}

let dir: string;
let cli: BundledCli;
const closers: (() => Promise<void>)[] = [];
let addresses: Record<string, string>;

async function startRegistry(): Promise<{ address: string; storage: RegistryStorage }> {
  const storage = memoryStorage();
  const server = createRegistryServer({ storage });
  const { address } = await server.listen();
  closers.push(() => server.close());
  return { address, storage };
}

/** The three images of the documented release, with the manifest's real names. */
async function fillSource(storage: RegistryStorage): Promise<void> {
  const header = "apiVersion: manifests.package-operator.run/v1alpha1\n";
  const push = async (name: string, tag: string, files: Record<string, string>): Promise<string> => {
    const raw = new Map(Object.entries(files).map(([file, text]) => [file, Buffer.from(text)]));
    return writeImage(storageContent(storage, name), await buildPackageImage({ files: raw, labels: {} }), {
      tags: [tag],
    });
  };
  const manager = "package-operator/package-operator-manager";
  const layer = await createLayer([{ path: "manager", content: Buffer.from("the manager") }]);
  const image = buildImage({ layers: [layer], format: "oci" });
  const digest = await writeImage(storageContent(storage, manager), image, { tags: [version] });
  await writeImage(storageContent(storage, "package-operator/remote-phase-manager"), image, {
    tags: [version],
  });
  await push("package-operator/package-operator-package", version, {
    "manifest.yaml": `${header}kind: PackageManifest\nmetadata: {name: package-operator}\nspec: {scopes: [Cluster], phases: [{name: deploy}], images: [{name: m, image: "quay.io/${manager}:${version}"}]}\n`,
    "manifest.lock.yaml": `${header}kind: PackageManifestLock\nspec: {images: [{name: m, image: "quay.io/${manager}:${version}", digest: "${digest}"}]}\n`,
  });
}

const job = `kind: Job
metadata: {name: package-operator-bootstrap, namespace: package-operator-system}
spec:
  template:
    spec:
      containers:
      - name: package-operator # installs itself
        image: quay.io/package-operator/package-operator-manager:${version}
        args: ["-self-bootstrap=quay.io/package-operator/package-operator-package:${version}"]
        env: [{name: PKO_IMAGE_PREFIX_OVERRIDES, value: ""}]
`;

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "docs-"));
  cli = await bundleCli();
  closers.push(() => cli.remove());
  const [source, mirror] = [await startRegistry(), await startRegistry()];
  await fillSource(source.storage);
  addresses = { "quay.io": source.address, "mirror.example": mirror.address };
  const api = await createApiServer();
  closers.push(() => api.close());
  await mkdir(path.join(dir, "bin"));
  // Commands run as they are printed; only the addresses behind the names are those of this machine.
  const resolve = Object.entries(addresses).map(([name, address]) => `--resolve ${name}=http://${address}`);
  const takes = "mirror*|images*|verify*|*--source*";
  await writeFile(
    path.join(dir, "bin/kubectl"),
    `#!/bin/sh\nshift\ncase "$*" in ${takes}) set -- "$@" ${resolve.join(" ")};; esac\nexec "${process.execPath}" "${cli.program}" "$@"\n`,
  );
  await chmod(path.join(dir, "bin/kubectl"), 0o755);
  // skopeo reads through a registries.conf, but writes to the address that its target names.
  const registry = (prefix: string, location: string) =>
    `[[registry]]\nprefix = "${prefix}"\nlocation = "${location}"\ninsecure = true\n`;
  const registries = registry("quay.io", source.address) + registry(mirror.address, mirror.address);
  await writeFile(path.join(dir, "registries.conf"), registries);
  await writeFile(
    path.join(dir, "bin/skopeo"),
    `#!/bin/bash\nPATH=\${PATH#*:}\nexec skopeo --registries-conf ${dir}/registries.conf "\${@/mirror.example/${mirror.address}}"\n`,
  );
  await chmod(path.join(dir, "bin/skopeo"), 0o755);
  await writeFile(path.join(dir, "kubeconfig"), JSON.stringify(api.kubeconfig));
  await writeFile(path.join(dir, "self-bootstrap-job.yaml"), job);
}, 120_000);
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
  await rm(dir, { recursive: true, force: true });
});

/** Runs a command line of a page as a shell would. */
async function shell(
  command: string,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const env = { PATH: `${dir}/bin:${process.env["PATH"]}`, HOME: dir, KUBECONFIG: `${dir}/kubeconfig` };
  try {
    return { code: 0, ...(await run("sh", ["-c", command], { cwd: dir, env, timeout: 60_000 })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

/** Steps that need a whole cluster are played on a real node; serving ends only with an interrupt. */
const isRunHere = (command: string): boolean =>
  /^kubectl package (?!registry serve)/.test(command) ||
  (command.startsWith("skopeo ") && hasProgram("skopeo")) ||
  (command.startsWith("yq ") && hasYq);

/** What a page warns of on purpose: findings are their point. */
const finds = [/^kubectl package overrides lint /];

describe.each(["mirror.md", "air-gap.md", "verify-cluster.md", "override-rules.md"])("docs/%s", (page) => {
  test("its commands work in the order they are printed", { timeout: 120_000 }, async () => {
    const commands = (await commandsOf(page)).filter(isRunHere);
    expect(commands.length).toBeGreaterThanOrEqual(2);
    for (const command of commands) {
      const { code, stderr, stdout } = await shell(command);
      const expected = finds.some((pattern) => pattern.test(command)) ? 1 : 0;
      expect({ command, code, output: code === expected ? "" : stdout + stderr }).toEqual({
        command,
        code: expected,
        output: "",
      });
    }
  });
});

test("the pages leave what they promise: a rewritten manifest, a lock and an archive", async () => {
  const rewritten = await readFile(path.join(dir, "job.yaml"), "utf8");
  expect(rewritten).toContain("- name: package-operator # installs itself");
  expect(rewritten).toContain(`image: mirror.example/pko/package-operator-manager:${version}`);
  expect(rewritten).toContain("quay.io/package-operator/=mirror.example/pko/");
  expect(await readFile(path.join(dir, "mirror.lock.yaml"), "utf8")).toContain("kind: MirrorLock");
});

test.skipIf(!hasYq)("rewriting by hand says the same as our command", async () => {
  const [ours, byHand] = await Promise.all(
    ["job.yaml", "by-hand.yaml"].map((name) => readFile(path.join(dir, name), "utf8")),
  );
  expect(byHand).toContain("mirror.example/pko/package-operator-manager");
  expect(decodeYaml(byHand!)).toEqual(decodeYaml(ours!));
});
