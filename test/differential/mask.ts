/** Fields whose values depend on time and chance. */
const volatileFields: ReadonlySet<string> = new Set([
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "deletionTimestamp",
  "time",
  "lastTransitionTime",
  "lastUpdateTime",
  "continue",
  "remainingItemCount",
  "clusterIP",
  "clusterIPs",
  "nodePort",
  "storageVersionHash",
  "expirationTimestamp",
  "token",
]);

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;

/** Findings about an object come in the order of a Go map, which has none. */
function sortCauses(status: Record<string, unknown>): Record<string, unknown> {
  const details = status["details"] as { causes?: unknown[] } | undefined;
  if (details?.causes === undefined || details.causes.length < 2) return status;
  const causes = details.causes.map((cause) => JSON.stringify(mask(cause))).toSorted();
  return { ...status, details: { ...details, causes }, message: "<from the causes>" };
}

/** Replaces everything that two servers cannot have in common; whether it is there still counts. */
export function mask(value: unknown, shortened = false, sorted = false): unknown {
  if (Array.isArray(value)) return value.map((item) => mask(item));
  if (typeof value === "string") {
    return value
      .replaceAll(uuid, "<uid>")
      .replaceAll(time, "<time>")
      .replaceAll(/Invalid value: "\{.*\}"/g, 'Invalid value: "<object>"')
      .replaceAll(/(if it was previously negative\))[^]*/g, "$1")
      .replaceAll(/^\d+s$/g, "<age>")
      .replaceAll(/10\.96\.\d+\.\d+/g, "<address>")
      .replaceAll(/kube-api-access-\w{5}/g, "kube-api-access-<name>")
      .replaceAll(
        /(resource version: |ResourceVersion in (?:the precondition|record) \()\d+/g,
        "$1<version>",
      );
  }
  if (typeof value !== "object" || value === null) return value;
  if (!sorted && "details" in value) return mask(sortCauses(value), shortened, true);
  // Descriptions of table columns are kept short in the sandbox.
  if (!shortened && "priority" in value && "description" in value)
    return mask({ ...value, description: "<text>" }, true);
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [
        mask(key),
        volatileFields.has(key) && child !== null && (typeof child !== "object" || Array.isArray(child))
          ? `<${key}>`
          : key === "managedFields" && Array.isArray(child)
            ? child
                .map((entry) => mask(entry))
                .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
            : mask(child),
      ]),
  );
}
