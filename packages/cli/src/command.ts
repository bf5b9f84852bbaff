import type { Context } from "./context.ts";
import type { Flags, FlagValues } from "./flags/flag.ts";
import type { Log } from "./log.ts";

/** What a command is run with. */
export interface Invocation<Set extends Flags> {
  readonly args: readonly string[];
  readonly flags: FlagValues<Set>;
  /** The global flag of that name; empty when not given. */
  readonly kubeconfig: string;
  /** Silent unless `--zap-log-level` says otherwise. */
  readonly log: Log;
  /** Names of the flags that were written on the command line. */
  readonly changed: ReadonlySet<string>;
}

interface CommandBase {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints first; the summary when absent. */
  readonly description?: string;
  readonly examples?: readonly string[];
  readonly hidden?: boolean;
}

/** A command that does something. */
export interface Command extends CommandBase {
  readonly kind: "command";
  /** The arguments as help shows them, for example `source_path`. */
  readonly usage: string;
  readonly args: { readonly min: number; readonly max: number };
  readonly flags: Flags;
  /** Flag names of which at most one may be set, per group. */
  readonly exclusive: readonly (readonly string[])[];
  /** What shell completion offers for the first argument; file names when absent. */
  readonly argumentValues?: readonly string[];
  /** The arguments are handed over as they are, flags among them. */
  readonly rawArguments?: boolean;
  /** Exit code for wrong flags and arguments: 1 for the commands of upstream, 2 for our own. */
  readonly usageExitCode: 1 | 2;
  /** Runs the command and returns its exit code. Engines are imported inside, so that no command loads another's. */
  readonly run: (context: Context, invocation: Invocation<Flags>) => Promise<number>;
}

/** A command that only holds others. */
export interface CommandGroup extends CommandBase {
  readonly kind: "group";
  readonly commands: readonly AnyCommand[];
}

export type AnyCommand = Command | CommandGroup;

/** What `defineCommand` takes: a command whose `run` sees the types of its own flags. */
export interface CommandDefinition<Set extends Flags> extends CommandBase {
  readonly usage: string;
  readonly args: number | { readonly min: number; readonly max: number };
  readonly flags: Set;
  readonly exclusive?: readonly (readonly (keyof Set & string)[])[];
  readonly argumentValues?: readonly string[];
  readonly rawArguments?: boolean;
  readonly usageExitCode?: 1 | 2;
  readonly run: (context: Context, invocation: Invocation<Set>) => Promise<number>;
}

export function defineCommand<const Set extends Flags>(definition: CommandDefinition<Set>): Command {
  const { args, exclusive = [], usageExitCode = 1, run, ...rest } = definition;
  return {
    ...rest,
    kind: "command",
    args: typeof args === "number" ? { min: args, max: args } : args,
    exclusive,
    usageExitCode,
    // The parser fills the values from the same flag table, so they have the types that `run` expects.
    run: (context, invocation) => run(context, invocation as Invocation<Set>),
  };
}
