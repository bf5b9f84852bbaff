import { CliError } from "../errors.ts";
import { type Flags, invalidArgument } from "./flag.ts";

export interface ParsedFlags {
  readonly values: Readonly<Record<string, unknown>>;
  /** Names of the flags that were written on the command line. */
  readonly changed: ReadonlySet<string>;
  /** What is left when flags are taken out, in order. */
  readonly positional: readonly string[];
}

/**
 * Parses arguments in the dialect of kubectl and its plugins (pflag): `--name value`, `--name=value`, `-n value`,
 * `-nvalue`, bundled booleans, flags and arguments mixed, `--` ends the flags.
 *
 * @throws CliError `usage`, with pflag's texts.
 */
export function parseFlags(flags: Flags, args: readonly string[]): ParsedFlags {
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) values[name] = flag.initial;
  const changed = new Set<string>();
  const byShort = new Map<string, string>();
  for (const [name, flag] of Object.entries(flags))
    if (flag.short !== undefined) byShort.set(flag.short, name);

  const set = (name: string, text: string): void => {
    const flag = flags[name]!;
    try {
      values[name] = flag.accept(text, values[name], !changed.has(name));
    } catch (cause) {
      throw invalidArgument(name, flag, text, cause);
    }
    changed.add(name);
  };

  const positional: string[] = [];
  const rest = [...args];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === "--") return { values, changed, positional: [...positional, ...rest] };
    if (argument.startsWith("--")) parseLong(argument);
    else if (argument.startsWith("-") && argument.length > 1) parseShort(argument);
    else positional.push(argument);
  }
  return { values, changed, positional };

  function parseLong(argument: string): void {
    const [, name, value] = /^--([^=]*)(?:=(.*))?$/s.exec(argument)!;
    if (name === "") throw new CliError("usage", `bad flag syntax: ${argument}`);
    const flag = Object.hasOwn(flags, name!) ? flags[name!] : undefined;
    if (flag === undefined) throw new CliError("usage", `unknown flag: --${name}`);
    if (value !== undefined) return set(name!, value);
    if (flag.type === "") return set(name!, "true");
    const next = rest.shift();
    if (next === undefined) throw new CliError("usage", `flag needs an argument: --${name}`);
    set(name!, next);
  }

  function parseShort(argument: string): void {
    for (let letters = argument.slice(1); letters !== ""; letters = letters.slice(1)) {
      const letter = letters[0]!;
      const name = byShort.get(letter);
      if (name === undefined) {
        throw new CliError("usage", `unknown shorthand flag: '${letter}' in ${argument}`);
      }
      if (letters[1] === "=") return set(name, letters.slice(2));
      if (flags[name]!.type === "") {
        set(name, "true");
        continue;
      }
      const value = letters.length > 1 ? letters.slice(1) : rest.shift();
      if (value === undefined) {
        throw new CliError("usage", `flag needs an argument: '${letter}' in ${argument}`);
      }
      return set(name, value);
    }
  }
}
