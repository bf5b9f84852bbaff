import { type Command, defineCommand } from "../command.ts";
import { outputFlag, writeResult } from "../output.ts";
import { version } from "../version.ts";

export const versionCommand: Command = defineCommand({
  name: "version",
  summary: "Print the version of this program",
  usage: "",
  args: 0,
  flags: { output: outputFlag },
  run: async (context, { flags }) => {
    const value = {
      pko: version,
      node: context.nodeVersion,
      path: "package-operator.run/cmd/kubectl-package",
    };
    const lines = Object.entries(value).map(([name, fact]) => `${name}\t${fact}\n`);
    await writeResult(context, flags.output, { value, text: lines.join("") });
    return 0;
  },
});
