import { type Command, defineCommand } from "../command.ts";
import { readText } from "../files.ts";
import { stringFlag } from "../flags/flag.ts";
import { formatTable, outputFlag, writeResult } from "../output.ts";
import { openRegistries, registryFlags } from "../registry-access.ts";

export const verifyMirrorCommand: Command = defineCommand({
  name: "mirror",
  summary: "Check that a mirror holds everything its lock says; needs no source",
  examples: ["kubectl package verify mirror --lock mirror.lock.yaml"],
  usage: "",
  args: 0,
  flags: {
    lock: stringFlag("the mirror lock", { initial: "mirror.lock.yaml" }),
    output: outputFlag,
    ...registryFlags,
  },
  usageExitCode: 2,
  run: async (context, { flags }) => {
    const { checkMirror, parseMirrorLock } = await import("@package-operator/mirror");
    const lock = parseMirrorLock(await readText(context, flags.lock), flags.lock);
    const registries = await openRegistries(context, flags);
    try {
      const results = await checkMirror(lock, {
        open: (registry, repository) => registries.repository(registry, repository),
        signal: context.signal,
      });
      const bad = results.filter(({ problem }) => problem !== undefined);
      const rows = results.map(({ image, problem }) => [
        problem === undefined ? "ok" : "missing",
        `${image.target}@${image.digest}`,
        problem ?? "",
      ]);
      const text = `${formatTable([["STATE", "IMAGE", "PROBLEM"], ...rows])}\n${results.length - bad.length} of ${results.length} images complete\n`;
      await writeResult(context, flags.output, { value: { images: results }, text });
      return bad.length === 0 ? 0 : 1;
    } finally {
      await registries.close();
    }
  },
});
