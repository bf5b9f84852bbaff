import { apiVersion, kinds } from "@package-operator/api";
import { isConflict, type KubeClient } from "@package-operator/kube";
import { ManagerError } from "../errors.ts";
import type { ObjectSet } from "../resources.ts";
import type { StepOptions } from "./cluster-package.ts";
import type { Fix } from "./fixes.ts";

const setKinds = [kinds.ObjectSet.kind, kinds.ClusterObjectSet.kind].map((kind) => ({ apiVersion, kind }));

/** The pause after a round in which somebody else changed a set. */
const roundPause = 1000;

/** Before release 1.18.3 sets had no number in their spec, which deployments now wait for. */
export const droppedRevisionFix: Fix = {
  name: "*fix.DroppedRevisionFix",
  async applies(client, options) {
    return (await listSets(client, options)).some((set) => !set.spec.revision);
  },
  async run(client, options) {
    for (;;) {
      const numbers = numberSets(await listSets(client, options));
      if (numbers.size === 0) return;
      let contended = false;
      for (const [set, revision] of numbers) {
        try {
          await client.update({ ...set, spec: { ...set.spec, revision } }, { signal: options.signal });
        } catch (error) {
          if (!isConflict(error)) throw error;
          contended = true;
        }
      }
      if (contended) await options.clock.sleep(roundPause, { signal: options.signal });
    }
  },
};

async function listSets(client: KubeClient, { signal }: StepOptions): Promise<ObjectSet[]> {
  const lists = await Promise.all(setKinds.map((kind) => client.list<ObjectSet>(kind, { signal })));
  return lists.flatMap(({ items }) => items).filter(({ spec }) => spec !== undefined);
}

/**
 * The numbers for sets that have none: 1 without predecessors, else one more than the highest of those that exist.
 * Throws `ManagerError` `bootstrap` for sets that name each other as predecessors.
 */
export function numberSets(sets: readonly ObjectSet[]): Map<ObjectSet, number> {
  const byName = new Map(sets.map((set) => [nameOf(set, set.metadata.name ?? ""), set]));
  const numbers = new Map<ObjectSet, number>();
  const visiting = new Set<ObjectSet>();
  const numberOf = (set: ObjectSet): number => {
    const known = set.spec.revision || numbers.get(set);
    if (known) return known;
    if (visiting.has(set)) {
      throw new ManagerError("bootstrap", `${set.kind} ${set.metadata.name ?? ""} is its own predecessor`);
    }
    visiting.add(set);
    const previous = (set.spec.previous ?? [])
      .map(({ name }) => byName.get(nameOf(set, name)))
      .filter((found) => found !== undefined);
    const number = Math.max(0, ...previous.map(numberOf)) + 1;
    visiting.delete(set);
    numbers.set(set, number);
    return number;
  };
  for (const set of sets) numberOf(set);
  return numbers;
}

function nameOf({ kind, metadata }: ObjectSet, name: string): string {
  return `${kind}/${metadata.namespace ?? ""}/${name}`;
}
