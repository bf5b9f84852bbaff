import { type CommandGroup } from "../command.ts";
import { historyCommand } from "./rollout-history.ts";

export const rolloutCommand: CommandGroup = {
  kind: "group",
  name: "rollout",
  summary: "Look at the revisions of an installed package",
  commands: [historyCommand],
};
