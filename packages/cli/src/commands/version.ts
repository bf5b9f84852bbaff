import { type Command, defineCommand } from "../command.ts";
import { version } from "../version.ts";

export const versionCommand: Command = defineCommand({
  name: "version",
  summary: "Print the version of this program",
  usage: "",
  args: 0,
  flags: {},
  run: async (context) => {
    context.stdout.write(`pko\t${version}\nnode\t${context.nodeVersion}\n`);
    context.stdout.write("path\tpackage-operator.run/cmd/kubectl-package\n");
    return 0;
  },
});
