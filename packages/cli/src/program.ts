import type { CommandGroup } from "./command.ts";
import { buildCommand } from "./commands/build.ts";
import { clustertreeCommand } from "./commands/clustertree.ts";
import { completeCommand, completionCommand } from "./commands/completion.ts";
import { helpCommand } from "./commands/help.ts";
import { imagesCommand } from "./commands/images.ts";
import { kickstartCommand } from "./commands/kickstart.ts";
import { mirrorCommand } from "./commands/mirror.ts";
import { overridesCommand } from "./commands/overrides.ts";
import { pauseCommand, unpauseCommand } from "./commands/pause.ts";
import { registryCommand } from "./commands/registry.ts";
import { repositoryCommand } from "./commands/repository.ts";
import { rewriteCommand } from "./commands/rewrite.ts";
import { rolloutCommand } from "./commands/rollout.ts";
import { sandboxCommand } from "./commands/sandbox.ts";
import { treeCommand } from "./commands/tree.ts";
import { updateCommand } from "./commands/update.ts";
import { validateCommand } from "./commands/validate.ts";
import { verifyCommand } from "./commands/verify.ts";
import { versionCommand } from "./commands/version.ts";

const root = (): CommandGroup => program;

/** The whole command tree. Declarations only: each command imports its engine when it runs. */
export const program: CommandGroup = {
  kind: "group",
  name: "kubectl-package",
  summary: "Build, validate, mirror and inspect packages of Package Operator",
  commands: [
    buildCommand,
    clustertreeCommand,
    completionCommand,
    completeCommand(root, { descriptions: true }),
    completeCommand(root, { descriptions: false }),
    helpCommand(root),
    imagesCommand,
    kickstartCommand,
    mirrorCommand,
    overridesCommand,
    pauseCommand,
    registryCommand,
    repositoryCommand,
    rewriteCommand,
    rolloutCommand,
    sandboxCommand,
    treeCommand,
    unpauseCommand,
    updateCommand,
    validateCommand,
    verifyCommand,
    versionCommand,
  ],
};
