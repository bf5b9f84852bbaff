import type { PrefixRule } from "@package-operator/image";
import { encodeYaml, type JsonObject } from "@package-operator/kube-yaml";
import { toMappings } from "./mirror-mapping.ts";

/** How nodes treat the original registry. */
export interface NodeExportOptions {
  /** Nodes never ask the original registry, also when the mirror does not answer. Default: false. */
  readonly blockSource?: boolean;
}

/**
 * ImageDigestMirrorSet and ImageTagMirrorSet (config.openshift.io/v1): the first serves pulls by digest, the second pulls
 * by tag, which the bootstrap needs.
 */
export function toOpenShiftMirrorSets(rules: readonly PrefixRule[], options: NodeExportOptions = {}): string {
  const entries = toMappings(rules, "ImageDigestMirrorSet").map(({ source, mirror }): JsonObject => ({
    source,
    mirrors: [mirror],
    ...(options.blockSource === true ? { mirrorSourcePolicy: "NeverContactSource" } : {}),
  }));
  const set = (kind: string, list: string): string =>
    encodeYaml({
      apiVersion: "config.openshift.io/v1",
      kind,
      metadata: { name: "package-operator-mirror" },
      spec: { [list]: entries },
    });
  return `${set("ImageDigestMirrorSet", "imageDigestMirrors")}---\n${set("ImageTagMirrorSet", "imageTagMirrors")}`;
}
