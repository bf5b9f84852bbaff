/** An object as trees show it. */
export interface TreeObject {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Empty for objects without one. */
  readonly namespace: string;
  readonly name: string;
}

export interface TreePhase {
  readonly name: string;
  readonly objects: readonly TreeObject[];
}

/** The facts of an object that a tree shows. */
export function treeObject(object: Readonly<Record<string, unknown>>): TreeObject {
  const { apiVersion, kind, metadata } = object;
  const [group, version] = splitApiVersion(text(apiVersion));
  const meta = (metadata ?? {}) as Readonly<Record<string, unknown>>;
  return { group, version, kind: text(kind), namespace: text(meta["namespace"]), name: text(meta["name"]) };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function splitApiVersion(apiVersion: string): [string, string] {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? ["", apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}

/**
 * Draws phases and objects below head lines. The branches are not drawn as trees usually are: this is the form that
 * scripts read.
 */
export function formatTree(head: readonly string[], phases: readonly TreePhase[]): string {
  const lines = [...head];
  for (const [index, { name, objects }] of phases.entries()) {
    const branch = index === phases.length - 1 ? "    └── " : "│   ├── ";
    lines.push(`└── Phase ${name}`, ...objects.map((object) => branch + objectText(object)));
  }
  return `${lines.join("\n")}\n`;
}

function objectText({ group, version, kind, namespace, name }: TreeObject): string {
  return `${group}/${version}, Kind=${kind} ${name === "" ? "" : `${namespace}/${name}`}`;
}
