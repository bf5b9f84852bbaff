import {
  createLayer,
  type ImageConfig,
  type Layer,
  type Platform,
  type TarInput,
} from "@package-operator/oci";
import { nodeVersionIn } from "./node-version.ts";
import { collectRuntimeFiles } from "./shared-libraries.ts";

/** What program images of one platform are built upon. */
export interface BaseImage {
  readonly platform: Platform;
  readonly layers: readonly Layer[];
  readonly env: NonNullable<ImageConfig["config"]>["Env"];
  /** Path of Node inside. */
  readonly node: string;
  /** For example `20.20.2`. */
  readonly nodeVersion: string;
}

/** Where Go programs of this kind look for certificate authorities, and where OpenShift mounts the cluster's. */
export const caBundlePath = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem";

/** Node reads no system bundle by itself; this adds one to its own roots. */
export const caVariable = "NODE_EXTRA_CA_CERTS";

/** The user that the programs run as; numeric, because `runAsNonRoot` cannot check a name. */
export const userId = 10001;

const NODE_PATH = "/usr/bin/node";

export interface NodeBaseOptions {
  /** The Node binary to put in, usually `process.execPath`. */
  readonly node: string;
  /** Root of the file system with the libraries that it needs. Default: this machine's. */
  readonly root?: string;
  /** Certificates in PEM form, usually `tls.rootCertificates`. */
  readonly rootCertificates: readonly string[];
}

/**
 * Makes a base image of a Node binary, the libraries it is linked with, certificate authorities and one unprivileged user:
 * no shell, no package manager, nothing else. The same files give the same digest.
 *
 * @throws ReleaseError `elf`, `library`, or `input` for a Node that is too old.
 */
export async function createNodeBase(options: NodeBaseOptions): Promise<BaseImage> {
  const { architecture, files } = await collectRuntimeFiles(options.node, options.root);
  const entries = files.map(({ path, content }): TarInput => ({
    path: path === options.node ? relative(NODE_PATH) : relative(path),
    content,
    mode: 0o755,
  }));
  entries.push(
    textFile(
      "/etc/passwd",
      `root:x:0:0:root:/:/sbin/nologin\nnoroot:x:${userId}:${userId}:noroot:/:/sbin/nologin\n`,
    ),
    textFile("/etc/group", `root:x:0:\nnoroot:x:${userId}:\n`),
    textFile("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
    textFile(caBundlePath, `${options.rootCertificates.map((pem) => pem.trim()).join("\n")}\n`),
  );
  return {
    platform: { os: "linux", architecture },
    layers: [await createLayer([...parentFolders(entries), ...entries], { format: "oci" })],
    env: ["PATH=/usr/bin:/", `${caVariable}=${caBundlePath}`],
    node: NODE_PATH,
    // The program comes first.
    nodeVersion: nodeVersionIn(files[0]!.content, options.node),
  };
}

/** A readable file of the image. */
export function textFile(path: string, text: string, mode = 0o644): TarInput {
  return { path: relative(path), content: Buffer.from(text), mode };
}

/** Runtimes make missing folders too, but each with modes of its own. */
export function parentFolders(entries: readonly TarInput[]): TarInput[] {
  const folders = new Set<string>();
  for (const { path } of entries) {
    const segments = path.split("/").slice(0, -1);
    for (let depth = 1; depth <= segments.length; depth += 1) folders.add(segments.slice(0, depth).join("/"));
  }
  return [...folders].map((path) => ({ path: `${path}/`, type: "directory", mode: 0o755 }));
}

function relative(path: string): string {
  return path.replace(/^\/+/, "");
}
