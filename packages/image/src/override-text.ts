/** One element of an override value: `from=to,from=to`. */
export interface OverrideEntry {
  /** The element as written. */
  readonly text: string;
  /** Position in the value, counted from 1, for messages. */
  readonly position: number;
  /** What stands before the first `=`; absent when there is no `=`. */
  readonly from?: string;
  /** What stands after the first `=`. */
  readonly to?: string;
}

/** Cuts an override value at every `,` and each element at its first `=`; nothing is trimmed or left out. */
export function splitOverrides(text: string): OverrideEntry[] {
  if (text === "") return [];
  return text.split(",").map((element, index) => {
    const position = index + 1;
    const equals = element.indexOf("=");
    if (equals < 0) return { text: element, position };
    const [from, to] = [element.slice(0, equals), element.slice(equals + 1)];
    return { text: element, position, from, to };
  });
}
