import { type KubeObject, parseApiVersion } from "@package-operator/kube";
import type { ProbeResult } from "@package-operator/schema";
import { formatObject } from "./identity.ts";

/** `<group> <Kind> <namespace>/<name>: <message>, <message>`; the core group is empty, so the text then starts blank. */
export function formatProbe(live: KubeObject, probe: ProbeResult): string {
  const { group } = parseApiVersion(live.apiVersion);
  return `${group} ${formatObject(live)}: ${probe.messages.join(", ")}`;
}
