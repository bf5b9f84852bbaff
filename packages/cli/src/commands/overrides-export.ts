import { type Command, defineCommand } from "../command.ts";
import { CliError } from "../errors.ts";
import { boolFlag, choiceFlag } from "../flags/flag.ts";
import { overrideFlag, requireRules } from "../rules.ts";

export const exportCommand: Command = defineCommand({
  name: "export",
  summary: "Write override rules in the form of node configuration or an admission policy",
  description:
    "Write override rules in the form of node configuration (openshift, registries-conf, containerd) or an admission policy\n" +
    "(kyverno, admission-policy). A rule that the format cannot express is an error.",
  examples: [
    "kubectl package overrides export --override quay.io/org/=mirror.example/org/ --format openshift",
  ],
  usage: "",
  args: 0,
  flags: {
    override: overrideFlag,
    format: choiceFlag("openshift, registries-conf, containerd, kyverno or admission-policy", [
      "openshift",
      "registries-conf",
      "containerd",
      "kyverno",
      "admission-policy",
    ]),
    "block-source": boolFlag("nodes never ask the original registry"),
  },
  usageExitCode: 2,
  run: async (context, { flags }) => {
    const rules = requireRules(flags.override);
    if (flags.format === "") throw new CliError("usage", "no format given: use --format");
    const options = { blockSource: flags["block-source"] };
    const mirror = await import("@package-operator/mirror");
    const text = {
      openshift: () => mirror.toOpenShiftMirrorSets(rules, options),
      "registries-conf": () => mirror.toRegistriesConf(rules, options),
      containerd: () =>
        mirror
          .toContainerdHosts(rules, options)
          .map(({ path, text: content }) => `# ${path}\n${content}`)
          .join("\n"),
      kyverno: () => mirror.toKyvernoPolicy(rules),
      "admission-policy": () => mirror.toAdmissionPolicy(rules),
    }[flags.format]();
    context.stdout.write(text);
    return 0;
  },
});
