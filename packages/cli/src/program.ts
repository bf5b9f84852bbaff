import type { CommandGroup } from "./command.ts";
import { versionCommand } from "./commands/version.ts";

/** The whole command tree. Declarations only: each command imports its engine when it runs. */
export const program: CommandGroup = {
  kind: "group",
  name: "kubectl-package",
  summary: "Build, validate, mirror and inspect packages of Package Operator",
  commands: [versionCommand],
};
