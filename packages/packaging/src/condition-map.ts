/** Maps a condition of a managed object to one of the package. */
export interface ConditionMapping {
  readonly sourceType: string;
  readonly destinationType: string;
}

/**
 * Reads the value of `package-operator.run/condition-map`: a line `Source => Destination` per mapping. Returns the
 * problem as a text when there is one, in upstream's words.
 */
export function parseConditionMap(value: string): ConditionMapping[] | string {
  const mappings: ConditionMapping[] = [];
  for (const [index, line] of value.trim().split("\n").entries()) {
    const at = line.indexOf("=>");
    if (at === -1) return `expected 2 part mapping got 1 in line ${index + 1}`;
    const source = line.slice(0, at);
    const destination = line.slice(at + 2);
    if (source.trim() === "") return `sourceType can't be empty in line ${index + 1}`;
    if (destination.trim() === "") return `destinationType can't be empty in line ${index + 1}`;
    mappings.push({ sourceType: source.trim(), destinationType: destination.trim() });
  }
  return mappings;
}
