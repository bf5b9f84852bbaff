import type { Context } from "./context.ts";
import { choiceFlag, type Flag } from "./flags/flag.ts";

export type OutputFormat = "text" | "json" | "yaml";

/** `--output` of the commands that are not upstream's. */
export const outputFlag: Flag<OutputFormat | ""> = choiceFlag(
  "output format (text, json or yaml)",
  ["text", "json", "yaml"],
  {
    initial: "text",
  },
);

/** Writes a result: for people as text, for programs the value itself. Both say the same. */
export async function writeResult(
  context: Context,
  format: OutputFormat | "",
  result: { readonly value: unknown; readonly text: string },
): Promise<void> {
  if (format === "text" || format === "") {
    context.stdout.write(result.text);
    return;
  }
  // The round trip turns a result's optional and readonly parts into plain JSON.
  const json = JSON.stringify(result.value, undefined, 2);
  if (format === "json") {
    context.stdout.write(`${json}\n`);
    return;
  }
  const { encodeYaml, parseJson } = await import("@package-operator/kube-yaml");
  context.stdout.write(encodeYaml(parseJson(json)));
}

/** A table with columns as wide as their widest cell, two blanks apart; no line ends in blanks. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** A number of bytes for people: `512 B`, `1.4 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
