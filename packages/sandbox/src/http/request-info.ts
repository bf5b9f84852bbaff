/** A request path taken apart, as far as it is about resources. */
export interface RequestInfo {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Empty for cluster-scoped resources and lists over all namespaces. */
  readonly namespace: string;
  /** Empty for collections. */
  readonly name: string;
  readonly subresource: string;
  /** `/api/v1/watch/…` of old clients. */
  readonly watch: boolean;
}

/** Subresources of namespaces, which look like resources in a namespace. */
const namespaceSubresources: ReadonlySet<string> = new Set(["status", "finalize"]);

/** Takes a path such as `/apis/apps/v1/namespaces/a/deployments/b/status` apart; undefined when it is no resource. */
export function parseRequestPath(path: string): RequestInfo | undefined {
  const parts = path
    .split("/")
    .filter((part) => part !== "")
    .map(decodePart);
  const [root] = parts;
  if (root !== "api" && root !== "apis") return undefined;
  const [group, version, rest] =
    root === "api" ? ["", parts[1], parts.slice(2)] : [parts[1] ?? "", parts[2], parts.slice(3)];
  if (version === undefined || rest.length === 0) return undefined;
  const watch = rest[0] === "watch";
  if (watch) rest.shift();
  let namespace = "";
  const [first, second, third] = rest;
  if (
    first === "namespaces" &&
    second !== undefined &&
    third !== undefined &&
    !namespaceSubresources.has(third)
  ) {
    namespace = second;
    rest.splice(0, 2);
  }
  const [plural = "", name = "", ...deeper] = rest;
  if (plural === "") return undefined;
  return { group, version, plural, namespace, name, subresource: deeper.join("/"), watch };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
