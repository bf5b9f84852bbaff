import { mkdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { KickstartedPackage, OlmBundle } from "@package-operator/packaging";
import { type Command, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError, withPrefix } from "../errors.ts";
import { fileProblem } from "../files.ts";
import { stringFlag, stringsFlag } from "../flags/flag.ts";
import { readObjects } from "../kickstart-sources.ts";
import { outputFlag, writeResult } from "../output.ts";
import { insecureFlag, withUserRegistries } from "../registry-access.ts";

export const kickstartCommand: Command = defineCommand({
  name: "kickstart",
  summary: "Make a package folder from existing objects",
  description:
    "Make a package folder from existing objects: files, folders, patterns, URLs, stdin (-), or an OLM bundle.\n" +
    "What --parametrize names becomes configuration of the package: namespaces, replicas, tolerations, nodeselectors,\n" +
    "resources, env, images or all.",
  examples: [
    "kubectl package kickstart toolshed -f ./deploy -p replicas,namespaces",
    "kubectl get deployment,service -n yard -o yaml | kubectl package kickstart toolshed -f -",
  ],
  usage: "pkg_name",
  args: 1,
  argumentValues: [],
  flags: {
    filename: stringsFlag("file, folder, pattern, URL or - with objects; may be repeated", { short: "f" }),
    "olm-bundle": stringFlag("OLM bundle image (registry+v1) with objects", { short: "b" }),
    parametrize: stringsFlag("what to turn into configuration; may be repeated", { short: "p" }),
    insecure: insecureFlag,
    output: outputFlag,
  },
  run: async (context, { args, flags }) => {
    const folder = args[0]!;
    const { name, kickstarted } = await withPrefix("kickstarting package", async () => {
      await requireAbsent(context, folder);
      const { kickstartPackage, parseParameters } = await import("@package-operator/packaging");
      const wanted = parseParameters(flags.parametrize);
      const objects = await withPrefix("get input", () => readObjects(context, flags.filename));
      const bundle =
        flags["olm-bundle"] === ""
          ? undefined
          : await readBundle(context, flags["olm-bundle"], flags.insecure);
      const packageName = bundle?.packageName ?? path.basename(folder);
      const made = kickstartPackage(packageName, [...objects, ...(bundle?.objects ?? [])], wanted);
      await writeFolder(context, folder, made);
      return { name: packageName, kickstarted: made };
    });
    const { objectCount, kindsWithoutProbes, hasImages } = kickstarted;
    const value = { name, folder, objects: objectCount, kindsWithoutProbes, needsUpdate: hasImages };
    await writeResult(context, flags.output, { value, text: successText(name, kickstarted) });
    if (hasImages) {
      context.stderr.write(`Run "kubectl package update ${folder}" next: the images are not locked yet\n`);
    }
    return 0;
  },
});

async function requireAbsent({ cwd }: Context, folder: string): Promise<void> {
  if (folder === "") throw new CliError("input", "the name of the package is empty");
  const isThere = await stat(path.resolve(cwd, folder)).then(
    () => true,
    () => false,
  );
  if (isThere) throw new CliError("input", `package folder already exists: ${folder}`);
}

function readBundle(context: Context, image: string, insecure: boolean): Promise<OlmBundle> {
  return withUserRegistries(context, insecure, async (registries) => {
    const { convertOlmBundle, importOlmBundle } = await import("@package-operator/packaging");
    const { repository, reference } = registries.image(image);
    const files = await importOlmBundle(repository, reference, { signal: context.signal });
    return withPrefix("import olm bundle: converting OLM Bundle to static manifests", () =>
      convertOlmBundle(files),
    );
  });
}

/** The folder appears with all its files, or a message says which one could not be written. */
async function writeFolder({ cwd }: Context, folder: string, { files }: KickstartedPackage): Promise<void> {
  const root = path.resolve(cwd, folder);
  await mkdir(root).catch((cause: unknown) => {
    throw new CliError("input", `create directory: ${fileProblem("mkdir", folder, cause)}`, { cause });
  });
  for (const [name, text] of files) {
    const file = path.join(root, name);
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
    } catch (cause) {
      throw new CliError("input", fileProblem("open", path.join(folder, name), cause), { cause });
    }
  }
}

function successText(name: string, { objectCount, kindsWithoutProbes }: KickstartedPackage): string {
  const text = `Kickstarted the "${name}" package with ${objectCount} objects.`;
  if (kindsWithoutProbes.length === 0) return text;
  const kinds = kindsWithoutProbes.map((kind) => `- ${kind}\n`).join("");
  return `${text}\n[WARN] Some kinds don't have availability probes defined:\n${kinds}`;
}
