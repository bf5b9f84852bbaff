/** Begins the locations of the schemas that come with this package, e.g. `kubernetes:apps/v1/Deployment`. */
export const builtInPrefix = "kubernetes:";

/**
 * The schema of one of Kubernetes' own kinds with all that it refers to, as JSON. Undefined for other kinds.
 * @param kind `apiVersion/kind`.
 */
export async function builtInSchema(kind: string): Promise<string | undefined> {
  // Far larger than all other code of this package, and few packages ask for it.
  const { schemaLines } = await import("./kubernetes-schemas.generated.ts");
  const schemas = new Map<string, string>();
  let root: string | undefined;
  for (const line of schemaLines.split("\n")) {
    const [, name, ofKind, schema] = /^(\S+) (\S+) (.+)$/.exec(line) as unknown as [
      string,
      string,
      string,
      string,
    ];
    schemas.set(name, schema);
    if (ofKind === kind) root = name;
  }
  if (root === undefined) return undefined;
  const definitions = new Map<string, string>();
  const needed = [root];
  for (let name = needed.pop(); name !== undefined; name = needed.pop()) {
    if (definitions.has(name)) continue;
    const schema = schemas.get(name)!.replaceAll(/"\$ref":"([^"]+)"/g, (_, target: string) => {
      needed.push(target);
      return `"$ref":"#/definitions/${target}"`;
    });
    definitions.set(name, schema);
  }
  const parts = [...definitions].map(([name, schema]) => `"${name}":${schema}`);
  return `{"$ref":"#/definitions/${root}","definitions":{${parts.join(",")}}}`;
}
