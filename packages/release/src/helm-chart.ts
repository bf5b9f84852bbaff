import path from "node:path";
import { gzipSync } from "node:zlib";
import { editYaml } from "@package-operator/kube-yaml";
import { type TarInput, writeTar } from "@package-operator/oci";
import { importFolder } from "@package-operator/packaging";
import { type ReleaseNames, releaseReference } from "./assemble-package.ts";
import { ReleaseError } from "./errors.ts";

/** A chart as Helm installs it from a file. */
export interface HelmChart {
  /** `package-operator-<version>.tgz`. */
  readonly fileName: string;
  readonly version: string;
  readonly content: Uint8Array;
}

const NAME = "package-operator";
const VALUE_IMAGES = ["package-operator-manager", "package-operator-package"];

/**
 * Chart versions are semantic versions without `v`, and nothing is published as a pre-release: the part after the first
 * `-` is left to `appVersion`.
 *
 * @throws ReleaseError `input` for a tag that is no version.
 */
export function chartVersion(tag: string): string {
  const version = /^v?([0-9]+\.[0-9]+\.[0-9]+)(-|\+|$)/.exec(tag)?.[1];
  if (version === undefined) throw new ReleaseError("input", `${tag} is not a version such as v1.18.2`);
  return version;
}

/** Packages the chart of `config/helm` with this release's versions and references. The same input gives the same bytes. */
export async function packageHelmChart(configDir: string, names: ReleaseNames): Promise<HelmChart> {
  const version = chartVersion(names.tag);
  const { files } = await importFolder(path.join(configDir, "helm", NAME));
  const chart = editYaml(textOf(files, "Chart.yaml"));
  chart.set(["version"], version);
  chart.set(["appVersion"], names.tag);
  const values = editYaml(textOf(files, "values.yaml"));
  for (const name of VALUE_IMAGES) values.set(["Images", name], releaseReference(names, name));
  const changed = new Map<string, Uint8Array>([
    ...files,
    ["Chart.yaml", Buffer.from(chart.toString())],
    ["values.yaml", Buffer.from(values.toString())],
  ]);
  const entries = [...changed].map(([file, content]): TarInput => ({
    path: `${NAME}/${file}`,
    content,
    mode: 0o644,
  }));
  return { fileName: `${NAME}-${version}.tgz`, version, content: await tarGz(entries) };
}

function textOf(files: ReadonlyMap<string, Uint8Array>, name: string): string {
  const content = files.get(name);
  if (content === undefined) throw new ReleaseError("input", `the Helm chart has no ${name}`);
  return Buffer.from(content).toString("utf8");
}

/** A gzip-compressed tar whose bytes depend on nothing but its entries. */
export async function tarGz(entries: readonly TarInput[]): Promise<Uint8Array> {
  const sorted = entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeTar(sorted)) chunks.push(chunk);
  const bytes = gzipSync(Buffer.concat(chunks), { level: 6 });
  // The operating system that compressed, the one byte of the header that varies.
  bytes[9] = 255;
  return bytes;
}
