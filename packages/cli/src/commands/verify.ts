import { type CommandGroup } from "../command.ts";
import { verifyClusterCommand } from "./verify-cluster.ts";
import { verifyMirrorCommand } from "./verify-mirror.ts";

export const verifyCommand: CommandGroup = {
  kind: "group",
  name: "verify",
  summary: "Prove that a mirror is complete, or that a cluster runs from it",
  commands: [verifyClusterCommand, verifyMirrorCommand],
};
