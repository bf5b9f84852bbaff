import type { PrefixRule } from "@package-operator/image";
import { MirrorError } from "../errors.ts";
import { toMappings } from "./mirror-mapping.ts";
import type { NodeExportOptions } from "./openshift.ts";

/** containers-registries.conf(5), version 2: for CRI-O, Podman and skopeo. */
export function toRegistriesConf(rules: readonly PrefixRule[], options: NodeExportOptions = {}): string {
  const blocks = toMappings(rules, "registries.conf").map(({ source, mirror }) =>
    [
      "[[registry]]",
      `prefix = ${tomlText(source)}`,
      `location = ${tomlText(source)}`,
      ...(options.blockSource === true ? ["blocked = true"] : []),
      "",
      "[[registry.mirror]]",
      `location = ${tomlText(mirror)}`,
      "",
    ].join("\n"),
  );
  return blocks.join("\n");
}

/** One file of containerd's `certs.d` folder. */
export interface HostsFile {
  /** Path below the `config_path` folder. */
  readonly path: string;
  readonly text: string;
}

/**
 * containerd's registry host configuration: a `hosts.toml` per registry. containerd knows no path below a host, so only
 * rules for whole registries can be expressed.
 *
 * @throws MirrorError `plan`, listing the rules that cannot be expressed, or two mirrors for one registry.
 */
export function toContainerdHosts(
  rules: readonly PrefixRule[],
  options: NodeExportOptions = {},
): HostsFile[] {
  const mappings = toMappings(rules, "containerd's hosts.toml");
  const withPath = mappings.filter(({ source }) => source.includes("/"));
  if (withPath.length > 0) {
    const list = withPath.map(({ source }) => source).join(", ");
    throw new MirrorError("plan", `containerd mirrors whole registries only, which cannot say: ${list}`);
  }
  return mappings.map(({ source, mirror }) => {
    const [host, ...path] = mirror.split("/");
    // With override_path containerd appends the repository to this URL instead of to `<host>/v2`.
    const url = `https://${host}/v2${path.map((segment) => `/${segment}`).join("")}`;
    const server = options.blockSource === true ? url : `https://${source}`;
    const text = [
      `server = ${tomlText(server)}`,
      ...(options.blockSource === true ? ["override_path = true"] : []),
      "",
      `[host.${tomlText(url)}]`,
      'capabilities = ["pull", "resolve"]',
      "override_path = true",
      "",
    ].join("\n");
    return { path: `${source}/hosts.toml`, text };
  });
}

/** A TOML basic string; JSON's escapes are a subset of TOML's. */
function tomlText(text: string): string {
  return JSON.stringify(text);
}
