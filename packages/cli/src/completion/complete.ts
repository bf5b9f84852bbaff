import type { AnyCommand, Command, CommandGroup } from "../command.ts";
import { type Flags } from "../flags/flag.ts";
import { globalFlags } from "../global-flags.ts";

/** What a shell may offer for the word that is being typed. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly directive: Directive;
}

export interface Candidate {
  readonly text: string;
  readonly description: string;
}

/**
 * What the shell does beside offering the candidates, in the numbers that kubectl's completion knows: 0 file names are
 * offered too, 2 no blank is added, 4 no file names.
 */
export type Directive = 0 | 4 | 6;

/** Names of the directives, as the protocol prints them for people. */
export const directiveNames: Readonly<Record<Directive, string>> = {
  0: "ShellCompDirectiveDefault",
  4: "ShellCompDirectiveNoFileComp",
  6: "ShellCompDirectiveNoSpace, ShellCompDirectiveNoFileComp",
};

const filesToo: Completion = { candidates: [], directive: 0 };
const nothing: Completion = { candidates: [], directive: 4 };

/** Finds the candidates for the last of the words behind the program's name; the last word may be empty. */
export function complete(root: CommandGroup, words: readonly string[]): Completion {
  const typed = words.at(-1) ?? "";
  const place = walk(root, words.slice(0, -1));
  if (place.pending !== undefined) return valuesOf(place.flags, place.pending, typed, "");
  if (!place.flagsEnded && typed.startsWith("-")) return flagsFor(place, typed);
  if (place.command.kind === "group") {
    return place.arguments === 0 ? commandsFor(place.command, typed) : nothing;
  }
  return argumentsFor(place.command, place.arguments, typed);
}

/** Where the cursor is: the command so far, and what the words before it used up. */
interface Place {
  readonly command: AnyCommand;
  readonly flags: Flags;
  /** The flag whose value comes next. */
  readonly pending: string | undefined;
  readonly given: ReadonlySet<string>;
  readonly arguments: number;
  readonly flagsEnded: boolean;
}

function walk(root: CommandGroup, words: readonly string[]): Place {
  let command: AnyCommand = root;
  let flags: Flags = globalFlags;
  let pending: string | undefined;
  let count = 0;
  let flagsEnded = false;
  const given = new Set<string>();
  for (const word of words) {
    if (pending !== undefined) {
      pending = undefined;
    } else if (!flagsEnded && word === "--") {
      flagsEnded = true;
    } else if (!flagsEnded && word.startsWith("-") && word.length > 1) {
      const name = flagName(flags, word);
      if (name === undefined) continue;
      given.add(name);
      const hasValue = word.startsWith("--") ? word.includes("=") : word.length > 2;
      if (flags[name]!.type !== "" && !hasValue) pending = name;
    } else {
      const next: AnyCommand | undefined = command.kind === "group" ? findCommand(command, word) : undefined;
      if (next === undefined) count += 1;
      else {
        command = next;
        flags = next.kind === "group" ? globalFlags : { ...globalFlags, ...next.flags };
      }
    }
  }
  return { command, flags, pending, given, arguments: count, flagsEnded };
}

function findCommand({ commands }: CommandGroup, word: string): AnyCommand | undefined {
  return commands.find(({ name, aliases }) => name === word || aliases?.includes(word) === true);
}

/** The flag that a word names: `--name`, `--name=value`, `-n`, `-nvalue`. */
function flagName(flags: Flags, word: string): string | undefined {
  if (word.startsWith("--")) {
    const name = word.slice(2).split("=")[0]!;
    return Object.hasOwn(flags, name) ? name : undefined;
  }
  return Object.keys(flags).find((name) => flags[name]!.short === word[1]);
}

function flagsFor({ flags, given }: Place, typed: string): Completion {
  const equals = typed.indexOf("=");
  if (equals !== -1) {
    const name = flagName(flags, typed);
    const prefix = typed.slice(0, equals + 1);
    return name === undefined ? nothing : valuesOf(flags, name, typed.slice(equals + 1), prefix);
  }
  const candidates = Object.entries(flags).flatMap(([name, { help, hidden, short, type }]): Candidate[] => {
    const isRepeatable = type === "strings" || type === "stringToString";
    if (hidden === true || (given.has(name) && !isRepeatable)) return [];
    const spellings = [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
    return spellings.map((text) => ({ text, description: help }));
  });
  return { candidates: startingWith(candidates, typed), directive: 4 };
}

function valuesOf(flags: Flags, name: string, typed: string, prefix: string): Completion {
  const { type, values } = flags[name]!;
  if (values === undefined) return type === "" || type === "int" ? nothing : filesToo;
  const candidates = values.map((value) => ({ text: value, description: "" }));
  return {
    candidates: startingWith(candidates, typed).map(({ text }) => ({ text: prefix + text, description: "" })),
    directive: 4,
  };
}

function commandsFor({ commands }: CommandGroup, typed: string): Completion {
  const candidates = commands
    .filter(({ hidden }) => hidden !== true)
    .map(({ name, summary }) => ({ text: name, description: summary }));
  return { candidates: startingWith(candidates, typed), directive: 4 };
}

function argumentsFor({ args, argumentValues }: Command, count: number, typed: string): Completion {
  if (count >= args.max) return nothing;
  if (argumentValues === undefined) return filesToo;
  if (count > 0) return nothing;
  const candidates = startingWith(
    argumentValues.map((text) => ({ text, description: "" })),
    typed,
  );
  // `package/` is continued with a name.
  return { candidates, directive: argumentValues.some((text) => text.endsWith("/")) ? 6 : 4 };
}

function startingWith(candidates: readonly Candidate[], typed: string): Candidate[] {
  return candidates
    .filter(({ text }) => text.startsWith(typed))
    .toSorted((a, b) => (a.text < b.text ? -1 : 1));
}

/** The answer of `__complete`: a candidate per line, then the directive. */
export function formatCompletion({ candidates, directive }: Completion, withDescriptions: boolean): string {
  const lines = candidates.map(({ text, description }) =>
    withDescriptions && description !== "" ? `${text}\t${description}` : text,
  );
  return [...lines, `:${directive}`, ""].join("\n");
}
