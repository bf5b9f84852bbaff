import type { AnyCommand, Command } from "./command.ts";
import type { Flag, Flags } from "./flags/flag.ts";

export const PROGRAM = "kubectl-package";

/** The help page of a command: description, usage, aliases, commands, flags, global flags. */
export function renderHelp(path: readonly string[], command: AnyCommand, globalFlags: Flags): string {
  const full = [PROGRAM, ...path].join(" ");
  const blocks = [command.description ?? command.summary, usageBlock(full, command)];
  if (command.aliases !== undefined && command.aliases.length > 0) {
    blocks.push(`Aliases:\n  ${[command.name, ...command.aliases].join(", ")}`);
  }
  if (command.examples !== undefined) {
    blocks.push(`Examples:\n${command.examples.map((line) => `  ${line}`).join("\n")}`);
  }
  if (command.kind === "group") blocks.push(commandsBlock(command.commands));
  else if (hasVisible(command.flags)) blocks.push(flagsBlock("Flags:", command.flags));
  if (hasVisible(globalFlags)) blocks.push(flagsBlock("Global Flags:", globalFlags));
  if (command.kind === "group") {
    blocks.push(`Use "${full} [command] --help" for more information about a command.`);
  }
  return `${blocks.join("\n\n")}\n`;
}

function usageBlock(full: string, command: AnyCommand): string {
  if (command.kind === "group") return `Usage:\n  ${full} [command]`;
  const usage = command.usage === "" ? "" : ` ${command.usage}`;
  return `Usage:\n  ${full}${usage} [flags]`;
}

function commandsBlock(commands: readonly AnyCommand[]): string {
  const shown = commands
    .filter((command) => command.hidden !== true)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const width = Math.max(...shown.map((command) => command.name.length), 11);
  const lines = shown.map((command) => `  ${command.name.padEnd(width)} ${command.summary}`);
  return `Available Commands:\n${lines.join("\n")}`;
}

function hasVisible(flags: Flags): boolean {
  return Object.values(flags).some((flag) => flag.hidden !== true);
}

function flagsBlock(title: string, flags: Flags): string {
  const shown = Object.entries(flags)
    .filter(([, flag]) => flag.hidden !== true)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const heads = shown.map(([name, flag]) => flagHead(name, flag));
  const width = Math.max(...heads.map((head) => head.length));
  const lines = shown.map(
    ([, flag], index) => `${heads[index]!.padEnd(width)}   ${flag.help}${initialNote(flag)}`,
  );
  return `${title}\n${lines.join("\n")}`;
}

function flagHead(name: string, flag: Flag<unknown>): string {
  const short = flag.short === undefined ? "      " : `  -${flag.short}, `;
  return `${short}--${name}${flag.type === "" ? "" : ` ${flag.type}`}`;
}

function initialNote({ initial }: Flag<unknown>): string {
  if (typeof initial === "string" && initial !== "") return ` (default ${JSON.stringify(initial)})`;
  if (initial === true || (typeof initial === "number" && initial !== 0)) return ` (default ${initial})`;
  return "";
}

/** The one-line synopsis that reference pages and tests use. */
export function synopsis(path: readonly string[], command: Command): string {
  return [PROGRAM, ...path, command.usage].filter((part) => part !== "").join(" ");
}
