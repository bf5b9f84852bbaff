import type { ClosureImage, ClosureReason } from "@package-operator/mirror";
import { type Command, defineCommand } from "../command.ts";
import { formatBytes, outputFlag, writeResult } from "../output.ts";
import { openRegistries, registryFlags } from "../registry-access.ts";
import { closureOf } from "./mirror-plan.ts";

export const imagesCommand: Command = defineCommand({
  name: "images",
  summary: "List every image that a package or bootstrap manifest needs, and why",
  examples: ["kubectl package images quay.io/package-operator/package-operator-package:v1.18.2"],
  usage: "source...",
  args: { min: 1, max: Number.POSITIVE_INFINITY },
  flags: { output: outputFlag, ...registryFlags },
  usageExitCode: 2,
  run: async (context, { args, flags }) => {
    const registries = await openRegistries(context, flags);
    try {
      const { images, warnings } = await closureOf(context, args, registries);
      for (const warning of warnings) context.stderr.write(`Warning: ${warning}\n`);
      const value = { images: images.map(({ tree: _tree, ...image }) => image), warnings };
      await writeResult(context, flags.output, { value, text: images.map(describeImage).join("") });
      return 0;
    } finally {
      await registries.close();
    }
  },
});

function describeImage({ references, digest, platforms, size, reasons }: ClosureImage): string {
  const facts = [digest, platforms.join(" "), formatBytes(size)].filter((fact) => fact !== "");
  return `${references[0]}\n    ${facts.join("  ")}\n${reasons.map((reason) => `    ${describeReason(reason)}\n`).join("")}`;
}

const WORDS: Readonly<Record<ClosureReason["kind"], string>> = {
  source: "named on the command line",
  bootstrap: "runs in the bootstrap Job of",
  "bootstrap-package": "installed by the bootstrap Job of",
  config: "named in the configuration of",
  lock: "locked by",
  dependency: "a dependency of",
  package: "a package that is installed by",
};

function describeReason({ kind, in: place, component, name }: ClosureReason): string {
  if (kind === "source") return WORDS[kind];
  const where = component === undefined ? place : `${place}, component ${component}`;
  return `${WORDS[kind]} ${where}${name === undefined ? "" : ` as ${name}`}`;
}
