import type { KubeObject } from "@package-operator/kube";
import { formatObject, identityKey, identityOf } from "./identity.ts";

/** A phase as far as it matters for finding objects given twice. */
export interface NamedPhase {
  readonly name: string;
  readonly objects: readonly { readonly object: KubeObject }[];
}

/** Messages for every object that occurs again, in any phase; namespaces are compared as written. */
export function findDuplicates(phases: readonly NamedPhase[]): string[] {
  const seen = new Set<string>();
  const messages: string[] = [];
  for (const phase of phases) {
    for (const { object } of phase.objects) {
      const key = identityKey(identityOf(object));
      if (seen.has(key)) messages.push(`Phase "${phase.name}", ${formatObject(object)}: Duplicate Object`);
      seen.add(key);
    }
  }
  return messages;
}
