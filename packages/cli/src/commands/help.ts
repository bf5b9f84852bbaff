import { type AnyCommand, type Command, type CommandGroup, defineCommand } from "../command.ts";
import { CliError } from "../errors.ts";
import { globalFlags } from "../global-flags.ts";
import { renderHelp } from "../help.ts";

/** `help [command...]`: the same page as `--help`. */
export function helpCommand(root: () => CommandGroup): Command {
  return defineCommand({
    name: "help",
    summary: "Show the help of a command",
    usage: "[command]",
    args: { min: 0, max: Number.POSITIVE_INFINITY },
    argumentValues: [],
    flags: {},
    run: async (context, { args }) => {
      let command: AnyCommand = root();
      const path: string[] = [];
      for (const word of args) {
        const next: AnyCommand | undefined =
          command.kind === "group"
            ? command.commands.find(({ name, aliases }) => name === word || aliases?.includes(word) === true)
            : undefined;
        if (next === undefined) {
          throw new CliError("usage", `unknown help topic ${JSON.stringify(args.join(" "))}`);
        }
        path.push(next.name);
        command = next;
      }
      context.stdout.write(renderHelp(path, command, globalFlags));
      return 0;
    },
  });
}
