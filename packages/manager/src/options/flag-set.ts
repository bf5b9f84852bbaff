import { ManagerError } from "../errors.ts";
import { FlagValueError, formatDuration, parseBool, parseDuration, parseInteger } from "./flag-values.ts";

/** What a flag's value is; durations are milliseconds. */
export type FlagType = "string" | "bool" | "int" | "duration";

/** The value each flag type gives. */
export interface FlagValues {
  string: string;
  bool: boolean;
  int: number;
  duration: number;
}

/** One flag, as data for the parser, the usage text and the documentation. */
export interface Flag<T extends FlagType = FlagType> {
  readonly name: string;
  readonly type: T;
  readonly default: FlagValues[T];
  readonly help: string;
  /** An environment variable that gives the default. */
  readonly env?: string;
  /** Reads the variable where its text is more lenient than the flag's. Throws `ManagerError` `config`. */
  readonly fromEnv?: (text: string) => FlagValues[T];
}

/** Flags by the name of the option they set. */
export type FlagTable = Readonly<Record<string, { [T in FlagType]: Flag<T> }[FlagType]>>;

/** The options a table gives. */
export type OptionsOf<Table extends FlagTable> = {
  -readonly [Option in keyof Table]: FlagValues[Table[Option]["type"]];
};

const parsers: { readonly [T in FlagType]: (text: string) => FlagValues[T] } = {
  string: (text) => text,
  bool: parseBool,
  int: parseInteger,
  duration: parseDuration,
};

/**
 * Parses arguments in the dialect of Go's flag package: one or two dashes, `-name=value` or `-name value`, parsing ends
 * at the first argument that is not a flag. A flag beats its environment variable, the variable beats the default.
 * Throws `ManagerError` `usage` or `help`, whose message is what to print before or as the usage text.
 */
export function parseFlags<const Table extends FlagTable>(
  table: Table,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): OptionsOf<Table> {
  const options: Record<string, unknown> = {};
  const byName = new Map<string, string>();
  for (const [option, flag] of Object.entries(table)) {
    byName.set(flag.name, option);
    options[option] = defaultOf(flag, env);
  }
  const rest = [...argv];
  while (rest.length > 0) {
    const argument = rest[0] ?? "";
    const [, name = "", , value] = /^--?([^=]*)(=(.*))?$/s.exec(argument) ?? [];
    if (argument.length < 2 || !argument.startsWith("-")) break;
    rest.shift();
    if (argument === "--") break;
    if (name === "" || name.startsWith("-")) throw usage(`bad flag syntax: ${argument}`);
    const option = byName.get(name);
    const flag = option === undefined ? undefined : table[option];
    if (option === undefined || flag === undefined) {
      if (name === "help" || name === "h") throw new ManagerError("help", "");
      throw usage(`flag provided but not defined: -${name}`);
    }
    options[option] = parseValue(flag, takeValue(flag, value, rest));
  }
  return options as OptionsOf<Table>;
}

function defaultOf(flag: FlagTable[string], env: Readonly<Record<string, string | undefined>>): unknown {
  const text = flag.env === undefined ? undefined : env[flag.env];
  if (text === undefined || text === "") return flag.default;
  return flag.fromEnv === undefined ? parseValue(flag, text) : flag.fromEnv(text);
}

function takeValue(flag: FlagTable[string], given: string | undefined, rest: string[]): string {
  if (given !== undefined) return given;
  if (flag.type === "bool") return "true";
  const next = rest.shift();
  if (next === undefined) throw usage(`flag needs an argument: -${flag.name}`);
  return next;
}

function parseValue(flag: FlagTable[string], text: string): unknown {
  try {
    return parsers[flag.type](text);
  } catch (error) {
    if (!(error instanceof FlagValueError)) throw error;
    const kind = flag.type === "bool" ? "boolean value" : "value";
    const name = flag.type === "bool" ? `-${flag.name}` : `flag -${flag.name}`;
    throw usage(`invalid ${kind} ${JSON.stringify(text)} for ${name}: ${error.message}`);
  }
}

function usage(message: string): ManagerError {
  return new ManagerError("usage", message);
}

/** The usage text in the layout of Go's flag package, flags sorted by name. */
export function formatUsage(program: string, table: FlagTable): string {
  const flags = Object.values(table).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const lines = flags.map((flag) => {
    const type = flag.type === "bool" ? "" : ` ${flag.type}`;
    return `  -${flag.name}${type}\n    \t${flag.help}${formatDefault(flag)}\n`;
  });
  return `Usage of ${program}:\n${lines.join("")}`;
}

function formatDefault(flag: FlagTable[string]): string {
  if (flag.default === "" || flag.default === false || flag.default === 0) return "";
  if (flag.type === "string") return ` (default ${JSON.stringify(flag.default)})`;
  if (flag.type === "duration") return ` (default ${formatDuration(flag.default)})`;
  return ` (default ${String(flag.default)})`;
}
