import type { HostedClusterPackagePartition } from "@package-operator/api";

/** The group of everything that no partition names. */
const rest = "*";

/**
 * Sorts things into partitions by a label and brings the partitions into their order: as listed, or by name. Partitions
 * a list does not name come where it says `*`, or at the end.
 */
export function partition<T>(
  items: readonly T[],
  labelsOf: (item: T) => Readonly<Record<string, string>>,
  config: HostedClusterPackagePartition | undefined,
): T[][] {
  if (config === undefined) return items.length === 0 ? [] : [[...items]];
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = labelsOf(item)[config.labelKey] ?? rest;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  const listed = config.order?.alphanumericAsc === undefined ? (config.order?.static ?? []) : [];
  const named = [...groups.keys()].filter((key) => key !== rest).toSorted();
  const unlisted = [...named.filter((key) => !listed.includes(key)), rest];
  const order = listed.includes(rest)
    ? listed.flatMap((key) => (key === rest ? unlisted : [key]))
    : [...listed, ...unlisted];
  return order.map((key) => groups.get(key) ?? []).filter((group) => group.length > 0);
}
