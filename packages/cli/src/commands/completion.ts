import { type Command, type CommandGroup, defineCommand } from "../command.ts";
import type { Shell } from "../completion/scripts.ts";
import { boolFlag } from "../flags/flag.ts";

const hints: Readonly<Record<Shell, string>> = {
  bash: "source <(kubectl-package completion bash)",
  zsh: "source <(kubectl-package completion zsh)",
  fish: "kubectl-package completion fish | source",
  powershell: "kubectl-package completion powershell | Out-String | Invoke-Expression",
};

export const completionCommand: CommandGroup = {
  kind: "group",
  name: "completion",
  summary: "Write a completion script for a shell",
  description:
    "Write a completion script for a shell. Behind `kubectl package`, completion works as soon as\n" +
    "kubectl_complete-package is on the PATH.",
  commands: (Object.keys(hints) as Shell[]).map(scriptCommand),
};

function scriptCommand(shell: Shell): Command {
  return defineCommand({
    name: shell,
    summary: `Write the completion script for ${shell}`,
    examples: [hints[shell]],
    usage: "",
    args: 0,
    flags: { "no-descriptions": boolFlag("offer names without descriptions") },
    run: async (context, { flags }) => {
      const { completionScript } = await import("../completion/scripts.ts");
      context.stdout.write(completionScript(shell, { descriptions: !flags["no-descriptions"] }));
      return 0;
    },
  });
}

/** The hidden command that completion scripts call with the words so far, in kubectl's completion protocol. */
export function completeCommand(
  root: () => CommandGroup,
  options: { readonly descriptions: boolean },
): Command {
  return defineCommand({
    name: options.descriptions ? "__complete" : "__completeNoDesc",
    summary: "Answer a completion script",
    hidden: true,
    usage: "[word...]",
    args: { min: 0, max: Number.POSITIVE_INFINITY },
    rawArguments: true,
    flags: {},
    run: async (context, { args }) => {
      const { complete, directiveNames, formatCompletion } = await import("../completion/complete.ts");
      const completion = complete(root(), args);
      context.stdout.write(formatCompletion(completion, options.descriptions));
      context.stderr.write(`Completion ended with directive: ${directiveNames[completion.directive]}\n`);
      return 0;
    },
  });
}
