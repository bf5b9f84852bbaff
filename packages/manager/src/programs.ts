import { managerFlags } from "./options/manager-options.ts";
import { remotePhaseFlags } from "./options/remote-phase-options.ts";
import { runBootstrap } from "./bootstrap/run-bootstrap.ts";
import { runOperator } from "./program/operator.ts";
import type { ProcessContext } from "./program/process-context.ts";
import { runRemotePhases } from "./program/remote-phases.ts";
import { runProgram } from "./program/run-program.ts";

/** Runs package-operator-manager, or its self-bootstrap; resolves to the exit code. */
export function runPackageOperatorManager(context: ProcessContext): Promise<number> {
  return runProgram(
    {
      name: "package-operator-manager",
      flags: managerFlags,
      failure: 2,
      run: (base, options) =>
        options.selfBootstrap === "" ? runOperator(base, options) : runBootstrap(base, options),
    },
    context,
  );
}

/** Runs remote-phase-manager; resolves to the exit code. */
export function runRemotePhaseManager(context: ProcessContext): Promise<number> {
  return runProgram(
    {
      name: "remote-phase-manager",
      flags: remotePhaseFlags,
      failure: 1,
      run: (base, options) => runRemotePhases(base, options),
    },
    context,
  );
}
