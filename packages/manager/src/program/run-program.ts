import { setMaxListeners } from "node:events";
import { ManagerError, messageOf } from "../errors.ts";
import { type FlagTable, formatUsage, type OptionsOf, parseFlags } from "../options/flag-set.ts";
import { version } from "../version.ts";
import { type Base, createBase } from "./cluster.ts";
import type { ProcessContext } from "./process-context.ts";

/** A program: its flags, and what to do with them. */
export interface Program<Table extends FlagTable> {
  readonly name: string;
  readonly flags: Table;
  /** Exit code for failures that are not mistakes in the arguments. */
  readonly failure: number;
  run(base: Base, options: OptionsOf<Table>): Promise<void>;
}

/** Flags every program needs to have. */
type CommonTable = FlagTable & { logLevel: { type: "int" }; version: { type: "bool" } };

/** Runs a program and returns its exit code; all output goes to standard error. */
export async function runProgram<Table extends CommonTable>(
  program: Program<Table>,
  context: ProcessContext,
): Promise<number> {
  const { stderr } = context;
  // Every request under way listens to it; Node would take that for a leak.
  setMaxListeners(0, context.signal);
  let options: OptionsOf<Table>;
  try {
    options = parseFlags(program.flags, context.argv, context.env);
  } catch (error) {
    if (!(error instanceof ManagerError)) throw error;
    const isUsage = error.code === "usage" || error.code === "help";
    if (error.message !== "") stderr.write(`${error.message}\n`);
    if (isUsage) stderr.write(formatUsage(program.name, program.flags));
    return error.code === "help" ? 0 : isUsage ? 2 : program.failure;
  }
  const common = options as OptionsOf<CommonTable>;
  if (common.version) {
    stderr.write(`pko\t${version}\nnode\t${context.nodeVersion}\n`);
    return 0;
  }
  const base = createBase(context, common.logLevel);
  base.logger.info(`starting ${program.name}`, { version, ...changedOptions(program.flags, options) });
  try {
    await program.run(base, options);
    return 0;
  } catch (error) {
    base.logger.error(error, `unable to run ${program.name}`);
    await context.writeTerminationMessage(messageOf(error));
    return program.failure;
  }
}

/**
 * The effective configuration in one line: the flags that are not at their defaults, by whatever way they got there.
 * Credentials in URLs, which a configuration may carry, are left out.
 */
function changedOptions<Table extends FlagTable>(
  flags: Table,
  options: OptionsOf<Table>,
): Record<string, unknown> {
  const changed = Object.entries(flags).filter(([key, flag]) => options[key] !== flag.default);
  return Object.fromEntries(changed.map(([key, { name }]) => [name, withoutCredentials(options[key])]));
}

function withoutCredentials(value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll(/\/\/[^/\s"]*@/g, "//***@") : value;
}
