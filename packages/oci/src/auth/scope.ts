/** What a request needs at a token server: `repository:<name>:<actions>`. */
export type Scope = string;

/** Reading one repository. */
export function pullScope(repository: string): Scope {
  return `repository:${repository}:pull`;
}

/** Reading and writing one repository. */
export function pushScope(repository: string): Scope {
  return `repository:${repository}:pull,push`;
}

/** Joins scopes of the same resource and sorts them, so that equal needs have equal texts. */
export function mergeScopes(scopes: readonly Scope[]): readonly Scope[] {
  const actions = new Map<string, Set<string>>();
  for (const scope of scopes) {
    const colon = scope.lastIndexOf(":");
    const resource = scope.slice(0, colon);
    const known = actions.get(resource) ?? new Set();
    for (const action of scope.slice(colon + 1).split(",")) known.add(action);
    actions.set(resource, known);
  }
  return [...actions].map(([resource, set]) => `${resource}:${[...set].toSorted().join(",")}`).toSorted();
}
