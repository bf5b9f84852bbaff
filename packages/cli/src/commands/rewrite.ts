import { type Command, defineCommand } from "../command.ts";
import { readText, writeText } from "../files.ts";
import { boolFlag, stringFlag } from "../flags/flag.ts";
import { outputFlag, writeResult } from "../output.ts";
import { overrideFlag, requireRules } from "../rules.ts";

export const rewriteCommand: Command = defineCommand({
  name: "rewrite",
  summary: "Make a bootstrap manifest install from a mirror",
  description:
    "Make a bootstrap manifest install from a mirror: set PKO_IMAGE_PREFIX_OVERRIDES and rewrite the images of the\n" +
    "bootstrap Job. Comments and layout stay; running it again changes nothing. FILE may be - for stdin.",
  examples: [
    "kubectl package rewrite self-bootstrap-job.yaml --override quay.io/package-operator/=mirror.example/pko/ -o job.yaml",
    "kubectl package rewrite job.yaml --override quay.io/package-operator/=mirror.example/pko/ --check",
  ],
  usage: "file",
  args: 1,
  flags: {
    override: overrideFlag,
    "output-file": stringFlag("write the manifest here instead of to stdout", { short: "o", initial: "-" }),
    check: boolFlag("write nothing; exit 1 when the manifest would change"),
    diff: boolFlag("print a unified diff instead of the manifest"),
    output: outputFlag,
  },
  exclusive: [
    ["check", "output-file"],
    ["diff", "output-file"],
  ],
  usageExitCode: 2,
  run: async (context, { args, flags }) => {
    const file = args[0]!;
    const rules = requireRules(flags.override);
    const { rewriteManifest } = await import("@package-operator/mirror");
    const original = await readText(context, file);
    const { text, changes, warnings } = rewriteManifest(original, rules, file);
    for (const warning of warnings) context.stderr.write(`Warning: ${warning}\n`);
    if (flags.output !== "text" || flags.diff || flags.check) {
      const { unifiedDiff } = await import("@package-operator/packaging");
      const diff = unifiedDiff(original, text, { from: file, to: file });
      await writeResult(context, flags.output, {
        value: { file, changes, warnings },
        text: diff === "" ? "" : `${diff}\n`,
      });
    }
    if (flags.check) return changes.length === 0 ? 0 : 1;
    if (!flags.diff && (flags.output === "text" || flags["output-file"] !== "-")) {
      await writeText(context, flags["output-file"], text);
    }
    return 0;
  },
});
