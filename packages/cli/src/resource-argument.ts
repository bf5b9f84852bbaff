import type { KindName } from "@package-operator/api";
import { CliError } from "./errors.ts";

/** A resource named on the command line. */
export interface ResourceArgument {
  /** As it was typed, for messages. */
  readonly type: string;
  readonly name: string;
}

/** The usage line of commands that take a resource. */
export const resourceUsage = "resource/name | resource name";

/** What shell completion offers where a package is named. */
export const packageTypes: readonly string[] = ["package/", "clusterpackage/"];

/** Reads `type/name` or `type name`. @throws CliError `input`, in kubectl's words. */
export function parseResource(args: readonly string[]): ResourceArgument {
  const refuse = (reason: string): never => {
    throw new CliError("input", `arguments invalid: ${reason}`);
  };
  const [first = "", second] = args;
  const slash = first.indexOf("/");
  if (second === undefined && slash === -1) {
    refuse("arguments in resource/name form must have a single resource and name");
  }
  const type = second === undefined ? first.slice(0, slash) : first;
  const name = second ?? first.slice(slash + 1);
  if (name === "") refuse("resource name may not be empty");
  if (name.includes("/")) refuse(`invalid resource name ${JSON.stringify(name)}: [may not contain '/']`);
  return { type, name };
}

/** The names that kinds are called by on the command line: singular, plural, short. */
const kindNames: Readonly<Record<string, KindName>> = {
  package: "Package",
  packages: "Package",
  pkg: "Package",
  clusterpackage: "ClusterPackage",
  clusterpackages: "ClusterPackage",
  clpkg: "ClusterPackage",
  objectdeployment: "ObjectDeployment",
  objectdeployments: "ObjectDeployment",
  od: "ObjectDeployment",
  objdeploy: "ObjectDeployment",
  clusterobjectdeployment: "ClusterObjectDeployment",
  clusterobjectdeployments: "ClusterObjectDeployment",
  cod: "ClusterObjectDeployment",
  clobjdeploy: "ClusterObjectDeployment",
};

/** The kind that a word on the command line stands for, whatever its case; undefined for other words. */
export function kindOf(word: string): KindName | undefined {
  const name = word.toLowerCase();
  return Object.hasOwn(kindNames, name) ? kindNames[name] : undefined;
}
