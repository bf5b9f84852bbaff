import type { ImageLeak } from "@package-operator/mirror";
import { type Command, defineCommand } from "../command.ts";
import { boolFlag } from "../flags/flag.ts";
import { formatTable, outputFlag, writeResult } from "../output.ts";
import { openRegistries, registryFlags } from "../registry-access.ts";
import { formatClosure } from "./images-tree.ts";
import { closureOf, warn } from "./mirror-plan.ts";

export const imagesCommand: Command = defineCommand({
  name: "images",
  summary: "List every image that a package or bootstrap manifest needs, and why",
  description:
    "List every image that a package or bootstrap manifest needs, and why, as a tree.\n" +
    "SOURCE is a package image, a package folder or tar, a bootstrap manifest (file or -), or a mirror lock.",
  examples: [
    "kubectl package images quay.io/package-operator/package-operator-package:v1.18.2",
    "kubectl package images ./app-package --leaks",
  ],
  usage: "source...",
  args: { min: 1, max: Number.POSITIVE_INFINITY },
  flags: {
    leaks: boolFlag(
      "list images that objects name by themselves, where no rule reaches; exit 1 when there are any",
    ),
    output: outputFlag,
    ...registryFlags,
  },
  usageExitCode: 2,
  run: async (context, { args, flags }) => {
    const registries = await openRegistries(context, flags);
    try {
      const closure = await closureOf(context, args, registries);
      const { images, leaks, warnings } = closure;
      warn(context, warnings);
      if (flags.leaks) {
        await writeResult(context, flags.output, { value: { leaks, warnings }, text: formatLeaks(leaks) });
        return leaks.length === 0 ? 0 : 1;
      }
      const value = { images: images.map(({ tree: _tree, ...image }) => image), leaks, warnings };
      await writeResult(context, flags.output, { value, text: formatClosure(closure) });
      return 0;
    } finally {
      await registries.close();
    }
  },
});

function formatLeaks(leaks: readonly ImageLeak[]): string {
  if (leaks.length === 0) return "no images that rules do not reach\n";
  const rows = leaks.map(({ reference, object, path, in: place, component }) => [
    reference,
    object,
    path,
    component === undefined ? place : `${place}, component ${component}`,
  ]);
  return formatTable([["IMAGE", "OBJECT", "FIELD", "IN"], ...rows]);
}
