import { CliError } from "../errors.ts";
import { parseCsvRecord } from "./csv.ts";

/** A flag as data: the parser, the help, the shell completion and the reference pages all read it. */
export interface Flag<Value> {
  /** The type word of the help; empty for booleans. */
  readonly type: "string" | "strings" | "int" | "stringToString" | "";
  readonly help: string;
  readonly short?: string;
  readonly initial: Value;
  /** Accepted but left out of help and completion. */
  readonly hidden?: boolean;
  /** Values that completion offers. */
  readonly values?: readonly string[];
  /** Adds one written value to what earlier occurrences gave; throws a plain Error with the reason. */
  accept(text: string, current: Value, first: boolean): Value;
}

export interface FlagOptions<Value> {
  readonly short?: string;
  readonly initial?: Value;
  readonly hidden?: boolean;
}

/** The flags of one command by long name. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The parsed values of a set of flags. */
export type FlagValues<Set extends Flags> = {
  readonly [Name in keyof Set]: Set[Name] extends Flag<infer Value> ? Value : never;
};

export function stringFlag(help: string, options: FlagOptions<string> = {}): Flag<string> {
  return { type: "string", help, initial: "", ...options, accept: (text) => text };
}

/** A string flag that takes one of a few values. */
export function choiceFlag<const Choice extends string>(
  help: string,
  values: readonly Choice[],
  options: FlagOptions<Choice | ""> = {},
): Flag<Choice | ""> {
  const accept = (text: string): Choice => {
    const choice = values.find((value) => value === text);
    if (choice === undefined) throw new Error(`must be one of ${values.join(", ")}`);
    return choice;
  };
  return { type: "string", help, values, initial: "", ...options, accept };
}

/** A flag that may be repeated; each value is one CSV record. */
export function stringsFlag(
  help: string,
  options: FlagOptions<readonly string[]> = {},
): Flag<readonly string[]> {
  const accept = (text: string, current: readonly string[], first: boolean): readonly string[] => {
    if (text === "") return first ? [] : current;
    const fields = parseCsvRecord(text);
    if (fields === undefined) throw new Error(`parse error on line 1: bare or unterminated " in field`);
    return first ? fields : [...current, ...fields];
  };
  return { type: "strings", help, initial: [], ...options, accept };
}

/** A flag that may be repeated; values are taken whole, commas included. */
export function listFlag(
  help: string,
  options: FlagOptions<readonly string[]> = {},
): Flag<readonly string[]> {
  const accept = (text: string, current: readonly string[], first: boolean): readonly string[] =>
    first ? [text] : [...current, text];
  return { type: "strings", help, initial: [], ...options, accept };
}

const TRUE_WORDS = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const FALSE_WORDS = new Set(["0", "f", "F", "false", "FALSE", "False"]);

export function boolFlag(help: string, options: FlagOptions<boolean> = {}): Flag<boolean> {
  const accept = (text: string): boolean => {
    if (TRUE_WORDS.has(text)) return true;
    if (FALSE_WORDS.has(text)) return false;
    throw new Error(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
  };
  return { type: "", help, initial: false, ...options, accept };
}

export function intFlag(help: string, options: FlagOptions<number> = {}): Flag<number> {
  const accept = (text: string): number => {
    const digits = text.replaceAll("_", "");
    const match = /^([+-]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[1-9][0-9]*|0)$/.exec(digits);
    if (match === null) throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    // A leading zero alone means octal in the dialect these flags follow.
    const magnitude = Number(match[2]!.replace(/^0(?=[0-7])/, "0o"));
    if (!Number.isSafeInteger(magnitude)) {
      throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
    }
    return match[1] === "-" ? -magnitude : magnitude;
  };
  return { type: "int", help, initial: 0, ...options, accept };
}

type Pairs = Readonly<Record<string, string>>;

/** A repeatable `key=value` flag; later keys replace earlier ones. */
export function mapFlag(help: string, options: FlagOptions<Pairs> = {}): Flag<Pairs> {
  const accept = (text: string, current: Pairs, first: boolean): Pairs => {
    const equals = text.split("=").length - 1;
    if (equals === 0) throw new Error(`${text} must be formatted as key=value`);
    const fields = equals === 1 ? [text.replace(/^"(.*)"$/s, "$1")] : parseCsvRecord(text);
    if (fields === undefined) throw new Error(`parse error on line 1: bare or unterminated " in field`);
    const pairs = fields.map((field) => {
      const at = field.indexOf("=");
      if (at === -1) throw new Error(`${field} must be formatted as key=value`);
      return [field.slice(0, at), field.slice(at + 1)] as const;
    });
    return { ...(first ? {} : current), ...Object.fromEntries(pairs) };
  };
  return { type: "stringToString", help, initial: {}, ...options, accept };
}

/** The error for a value that a flag does not take, in the words scripts know. */
export function invalidArgument(name: string, flag: Flag<unknown>, text: string, cause: unknown): CliError {
  const spelled = flag.short === undefined ? `--${name}` : `-${flag.short}, --${name}`;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CliError("usage", `invalid argument ${JSON.stringify(text)} for "${spelled}" flag: ${reason}`, {
    cause,
  });
}
