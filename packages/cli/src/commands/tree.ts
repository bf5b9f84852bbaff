import path from "node:path";
import type { JsonValue } from "@package-operator/kube-yaml";
import type { Environment, Package, RawPackage, TemplateTestContext } from "@package-operator/packaging";
import { type Command, defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError, withPrefix } from "../errors.ts";
import { readText } from "../files.ts";
import { boolFlag, stringFlag } from "../flags/flag.ts";
import { outputFlag, writeResult } from "../output.ts";
import { formatTree, type TreePhase, treeObject } from "../tree-text.ts";

interface TreeOptions {
  readonly source: string;
  readonly cluster: boolean;
  readonly configPath: string;
  readonly testCase: string;
  readonly environmentPath: string;
}

/** A rendered package, or one of its components. */
interface PackageTree {
  /** Name of the manifest; of a component that of its folder. */
  readonly name: string;
  readonly kind: "Package" | "ClusterPackage";
  readonly package: { readonly name: string; readonly namespace: string };
  readonly phases: readonly TreePhase[];
}

export const treeCommand: Command = defineCommand({
  name: "tree",
  summary: "Render a package folder and show its phases and objects",
  description:
    "Render a package folder and show its phases and objects. Name, namespace, configuration and environment come from\n" +
    "a template test of the package, the first one unless another is named.",
  usage: "source_path",
  args: 1,
  flags: {
    cluster: boolFlag("render as ClusterPackage"),
    component: stringFlag("render this component instead of the package itself"),
    "all-components": boolFlag("render every component after the package itself"),
    "config-path": stringFlag("file with the configuration (YAML or JSON)"),
    "config-testcase": stringFlag("template test to take package data, configuration and environment from"),
    "environment-path": stringFlag("file with the environment (YAML or JSON)"),
    output: outputFlag,
  },
  exclusive: [
    ["config-path", "config-testcase"],
    ["component", "all-components"],
  ],
  run: async (context, { args, flags, log }) => {
    const options = {
      source: args[0]!,
      cluster: flags.cluster,
      configPath: flags["config-path"],
      testCase: flags["config-testcase"],
      environmentPath: flags["environment-path"],
    };
    log("loading source from disk", { path: options.source });
    const trees = await withPrefix("rendering package", async () => {
      const raw = await withPrefix("loading package contents from folder", () =>
        readFolder(context, options),
      );
      const names = flags["all-components"] ? ["", ...(await componentNames(raw))] : [flags.component];
      const rendered: PackageTree[] = [];
      for (const name of names) rendered.push(await renderTree(context, raw, name, options));
      return rendered;
    });
    const text = trees.map(treeText).join("");
    await writeResult(context, flags.output, { value: trees.length === 1 ? trees[0] : trees, text });
    return 0;
  },
});

async function readFolder(context: Context, { source }: TreeOptions): Promise<RawPackage> {
  const { importFolder } = await import("@package-operator/packaging");
  return importFolder(path.resolve(context.cwd, source), { signal: context.signal });
}

async function componentNames(raw: RawPackage): Promise<string[]> {
  const { loadPackage } = await import("@package-operator/packaging");
  const pkg = await withPrefix("parsing package contents", () => loadPackage(raw));
  return pkg.components.map(({ manifest }) => manifest.metadata.name);
}

async function renderTree(
  context: Context,
  raw: RawPackage,
  component: string,
  options: TreeOptions,
): Promise<PackageTree> {
  const engine = await import("@package-operator/packaging");
  const pkg = await withPrefix("parsing package contents", () => engine.loadComponent(raw, component));
  const chosen = chooseTest(pkg, options.testCase);
  const config = engine.requireConfig(
    pkg.manifest,
    await withPrefix("getting config", () => readConfig(context, options, chosen)),
  );
  const { metadata, image } = chosen?.package ?? {
    metadata: { name: "name", namespace: "namespace" },
    image: "",
  };
  const isCluster = options.cluster || metadata.namespace === "";
  const environment = await readEnvironment(context, options, chosen);
  await withPrefix("parsing package contents", () =>
    engine.validatePackage(pkg, { scope: isCluster ? "Cluster" : "Namespaced" }),
  );
  const namespace = isCluster ? "" : metadata.namespace;
  const objects = engine.renderPackage(pkg, {
    package: { metadata: { ...metadata, namespace }, image },
    config,
    ...engine.placeholderImages(pkg.manifest),
    environment,
  });
  const { phases } = engine.objectSetTemplateSpec(pkg.manifest, objects);
  return {
    name: pkg.manifest.metadata.name,
    kind: isCluster ? "ClusterPackage" : "Package",
    package: { name: metadata.name, namespace },
    phases: phases.map(({ name, objects: members }) => ({
      name,
      objects: members.map(({ object }) => treeObject(object)),
    })),
  };
}

function chooseTest({ manifest }: Package, name: string): TemplateTestContext | undefined {
  const tests = manifest.test.template;
  if (name === "") return tests[0]?.context;
  const found = tests.find((test) => test.name === name);
  if (found === undefined) throw new CliError("input", `test template with name ${name} not found`);
  return found.context;
}

async function readConfig(
  context: Context,
  { configPath }: TreeOptions,
  chosen: TemplateTestContext | undefined,
): Promise<JsonValue | undefined> {
  if (configPath === "") return chosen?.config;
  const text = await withPrefix("read config from file", () => readText(context, configPath));
  const { decodeYaml } = await import("@package-operator/kube-yaml");
  return withPrefix(`unmarshal config from file ${configPath}`, () => decodeYaml(text));
}

async function readEnvironment(
  context: Context,
  { environmentPath }: TreeOptions,
  chosen: TemplateTestContext | undefined,
): Promise<Environment> {
  if (environmentPath === "") return chosen?.environment ?? { kubernetes: { version: "" } };
  const text = await withPrefix("read environment from file", () => readText(context, environmentPath));
  const { decodeYaml, isJsonObject } = await import("@package-operator/kube-yaml");
  const value = await withPrefix(`unmarshal environment from file ${environmentPath}`, () =>
    decodeYaml(text),
  );
  if (!isJsonObject(value))
    throw new CliError("input", `environment file ${environmentPath} holds no object`);
  const { decodeEnvironment } = await import("@package-operator/packaging");
  return withPrefix(`environment file ${environmentPath}`, () => decodeEnvironment(value));
}

function treeText({ name, kind, package: { name: instance, namespace }, phases }: PackageTree): string {
  return formatTree([name, `${kind} ${namespace}/${instance}`], phases);
}
