import { appendFile, cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { rootCertificates } from "node:tls";
import { openLayout } from "@package-operator/oci";
import { buildRelease, createNodeBase, programNames, writeRelease } from "@package-operator/release";
import { type LabNode, stop } from "./lab-node.ts";

export const root: string = path.resolve(import.meta.dirname, "../..");
export const cli: string = path.join(root, "dist/bin/kubectl-package");
/** Where releases say that their images are; nothing answers there in the node's network. */
export const prefix = "quay.io/package-operator";
export const imageNames = [
  "package-operator-package",
  "package-operator-manager",
  "remote-phase-manager",
] as const;

/** A release in a folder: its images as OCI layouts below `images`, and its bootstrap manifest. */
export interface BuiltRelease {
  readonly tag: string;
  readonly folder: string;
  /** Pushes the images below a prefix. */
  readonly push: (node: LabNode, prefix: string) => Promise<void>;
}

/** What `npm run release` makes of this working tree; it pushes by itself. */
export function thisRelease(folder: string, tag: string): BuiltRelease {
  return {
    tag,
    folder,
    async push(node, to) {
      const options = ["--version", tag, "--output", folder, "--push", to] as const;
      await node.exec("npm", "--prefix", root, "run", "release", "--", ...options);
    },
  };
}

/** The same programs with one comment more, so that every digest is another. */
export async function buildNextRelease(folder: string, tag: string): Promise<BuiltRelease> {
  const binDir = path.join(folder, "bin");
  for (const name of programNames) {
    await cp(path.join(root, "dist/bin", name), path.join(binDir, name));
    await appendFile(path.join(binDir, name), `// ${tag}\n`);
  }
  const release = await buildRelease({
    registryPrefix: prefix,
    tag,
    binDir,
    configDir: path.join(root, "config"),
    bases: [await createNodeBase({ node: process.execPath, rootCertificates })],
  });
  await mkdir(path.join(folder, "images"), { recursive: true });
  const open = async (name: string) =>
    (await openLayout(path.join(folder, "images", name), { create: true })).repository();
  await writeRelease(release, open, { tag });
  await writeFile(path.join(folder, "self-bootstrap-job.yaml"), release.bootstrapManifest);
  return {
    tag,
    folder,
    async push(node, to) {
      for (const name of imageNames) {
        await pushLayout(node, path.join(folder, "images", name), `${to}/${name}:${tag}`);
      }
    },
  };
}

/** Copies the only image of a layout into a registry of the node with the real skopeo. */
export async function pushLayout(node: LabNode, layout: string, reference: string): Promise<void> {
  await node.exec(
    ...(["skopeo", "copy", "--all", "--dest-tls-verify=false"] as const),
    ...([`oci:${layout}`, `docker://${reference}`] as const),
  );
}

/** The digest a registry of the node has for a reference. */
export async function digestIn(node: LabNode, reference: string): Promise<string> {
  const digest = await node.exec(
    ...(["skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}"] as const),
    `docker://${reference}`,
  );
  return digest.trim();
}

/** What `kubectl package mirror` did. */
export interface Mirrored {
  /** The bootstrap manifest that installs from the mirror. */
  readonly manifest: string;
  readonly lock: string;
  readonly targets: string[];
}

/** Where the original registry answers while something is copied from it. */
export const sourceAddress = "127.0.0.1:5999";

/** Serves a release at {@link sourceAddress} for as long as something is done with it. */
export async function withSource<T>(node: LabNode, release: BuiltRelease, use: () => Promise<T>): Promise<T> {
  const source = await node.start(/listening/i, cli, "registry", "serve", "--address", sourceAddress);
  try {
    await release.push(node, `${sourceAddress}/package-operator`);
    return await use();
  } finally {
    await stop(source);
  }
}

/** Mirrors a release with the documented command. The original registry is gone before anything runs. */
export function mirrorRelease(node: LabNode, release: BuiltRelease, to: string): Promise<Mirrored> {
  return withSource(node, release, async () => {
    const bootstrap = path.join(release.folder, "self-bootstrap-job.yaml");
    const place = path.basename(to);
    const manifest = path.join(release.folder, `job-${place}.yaml`);
    const lock = path.join(release.folder, `lock-${place}.yaml`);
    const output = await node.exec(
      ...([cli, "mirror", bootstrap, "--to", to, "--lock", lock] as const),
      ...(["--resolve", `quay.io=http://${sourceAddress}`] as const),
      ...(["--rewrite", bootstrap, "-o", manifest, "--output", "json"] as const),
    );
    const { entries } = JSON.parse(output) as { entries: { target: string }[] };
    return { manifest, lock, targets: entries.map(({ target }) => target) };
  });
}
