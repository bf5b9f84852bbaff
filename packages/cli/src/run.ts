import type { AnyCommand, Command, CommandGroup } from "./command.ts";
import type { Context } from "./context.ts";
import { CliError, errorText } from "./errors.ts";
import { boolFlag, type Flags } from "./flags/flag.ts";
import { parseFlags } from "./flags/parse.ts";
import { globalFlags } from "./global-flags.ts";
import { PROGRAM, renderHelp } from "./help.ts";
import { createLog } from "./log.ts";
import { suggest } from "./suggest.ts";
import { version } from "./version.ts";

/**
 * Runs one command line and returns the exit code. Results go to stdout; an error is one line `Error: …` on stderr.
 */
export async function run(root: CommandGroup, args: readonly string[], context: Context): Promise<number> {
  let usageExitCode = 1;
  try {
    const found = findCommand(root, args);
    if (found.command.kind === "group") return showGroup(found, context);
    usageExitCode = found.command.usageExitCode;
    return await runCommand(found.command, found, context);
  } catch (error) {
    if (context.signal.aborted) {
      context.stderr.write("Error: context canceled\n");
      return 130;
    }
    context.stderr.write(`Error: ${errorText(error)}\n`);
    return error instanceof CliError && error.code === "usage" ? usageExitCode : 1;
  }
}

interface Found {
  readonly command: AnyCommand;
  /** Names of the groups and the command, without the program. */
  readonly path: readonly string[];
  readonly rest: readonly string[];
}

/** Walks down the groups; flags before a command's name are kept for the command. */
function findCommand(root: CommandGroup, args: readonly string[]): Found {
  let command: AnyCommand = root;
  const path: string[] = [];
  const rest = [...args];
  while (command.kind === "group") {
    const at = nextWord(rest);
    if (at === -1) break;
    const word = rest[at]!;
    const next: AnyCommand | undefined = command.commands.find(
      (candidate) => candidate.name === word || candidate.aliases?.includes(word) === true,
    );
    if (next === undefined) throw unknownCommand(word, path, command);
    rest.splice(at, 1);
    path.push(next.name);
    command = next;
  }
  return { command, path, rest };
}

/** The index of the first argument that is neither a flag nor a global flag's value. */
function nextWord(args: readonly string[]): number {
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index]!;
    if (argument === "--") return -1;
    if (!argument.startsWith("-")) return index;
    const name = argument.replace(/^--/, "");
    const flag = Object.hasOwn(globalFlags, name) ? globalFlags[name] : undefined;
    if (flag !== undefined && flag.type !== "") index += 1;
  }
  return -1;
}

function unknownCommand(word: string, path: readonly string[], group: CommandGroup): CliError {
  const full = [PROGRAM, ...path].join(" ");
  const names = group.commands.filter((command) => command.hidden !== true).map((command) => command.name);
  const close = suggest(word, names);
  const hint =
    close.length === 0 ? "" : `\n\nDid you mean this?\n${close.map((name) => `\t${name}\n`).join("")}`;
  return new CliError(
    "usage",
    `unknown command ${JSON.stringify(word)} for "${full}"${hint}\nRun '${full} --help' for usage.`,
  );
}

/** Only the program itself knows it, as with every kubectl plugin. */
const versionFlag: Flags = { version: boolFlag("print the version") };

function showGroup({ command, path, rest }: Found, context: Context): number {
  const isRoot = path.length === 0;
  const { values } = parseFlags(isRoot ? { ...globalFlags, ...versionFlag } : globalFlags, rest);
  if (values["version"] === true) {
    context.stdout.write(`${PROGRAM} version ${version}\n`);
    return 0;
  }
  context.stdout.write(renderHelp(path, command, globalFlags));
  return 0;
}

async function runCommand(command: Command, { path, rest }: Found, context: Context): Promise<number> {
  const flags = { ...globalFlags, ...command.flags };
  const { values, changed, positional } =
    command.rawArguments === true ? { ...parseFlags(flags, []), positional: rest } : parseFlags(flags, rest);
  if (values["help"] === true) {
    context.stdout.write(renderHelp(path, command, globalFlags));
    return 0;
  }
  checkArgumentCount(command, positional.length);
  checkExclusive(command, changed);
  return command.run(context, {
    args: positional,
    flags: values,
    kubeconfig: String(values["kubeconfig"]),
    log: createLog(context, values),
    changed,
  });
}

function checkArgumentCount({ args: { min, max } }: Command, count: number): void {
  if (count >= min && count <= max) return;
  if (min === max) throw new CliError("usage", `accepts ${min} arg(s), received ${count}`);
  if (max === Number.POSITIVE_INFINITY) {
    throw new CliError("usage", `requires at least ${min} arg(s), only received ${count}`);
  }
  throw new CliError("usage", `accepts between ${min} and ${max} arg(s), received ${count}`);
}

function checkExclusive({ exclusive }: Command, changed: ReadonlySet<string>): void {
  for (const group of exclusive) {
    const set = group.filter((name) => changed.has(name)).toSorted();
    if (set.length < 2) continue;
    throw new CliError(
      "usage",
      `if any flags in the group [${group.join(" ")}] are set none of the others can be; ` +
        `[${set.join(" ")}] were all set`,
    );
  }
}
