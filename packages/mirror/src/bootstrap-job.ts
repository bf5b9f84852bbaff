import { parsePrefixOverrides, type PrefixRule } from "@package-operator/image";
import { editYaml, type JsonValue, parseJson, type YamlEditor, YamlError } from "@package-operator/kube-yaml";
import type { ImageRequest } from "./closure.ts";
import { MirrorError } from "./errors.ts";
import { findLiterals, type ImageLeak, isCompleteReference } from "./leaks.ts";
import { items, member, podSpecImages } from "./pod-images.ts";

/** Name of the container that people and tools look for in a bootstrap Job. */
const bootstrapContainer = "package-operator";
/** The environment variable that carries the override rules. */
export const overridesVariable = "PKO_IMAGE_PREFIX_OVERRIDES";

/** Where the package reference stands in a container's `args` or `command`. */
export interface BootstrapArgument {
  readonly list: "args" | "command";
  readonly index: number;
  /** What stands before the reference in the same element: the flag and `=`, or nothing. */
  readonly prefix: string;
  readonly reference: string;
}

/**
 * Finds the value of `-self-bootstrap` in a container, in every form Go's flag package takes: one or two dashes, the value
 * after `=` or as the next element. Undefined when the container is not a bootstrap container.
 */
export function findBootstrapArgument(container: unknown): BootstrapArgument | undefined {
  for (const list of ["args", "command"] as const) {
    const words = items(member(container, list));
    for (const [index, word] of words.entries()) {
      if (typeof word !== "string") continue;
      const match = /^(--?self-bootstrap=)(.*)$/s.exec(word);
      if (match !== null) return { list, index, prefix: match[1]!, reference: match[2]! };
      const next = words[index + 1];
      if (/^--?self-bootstrap$/.test(word) && typeof next === "string") {
        return { list, index: index + 1, prefix: "", reference: next };
      }
    }
  }
  return undefined;
}

/** A bootstrap container found in a manifest. */
export interface BootstrapJob {
  /** Index of its document in the file. */
  readonly document: number;
  readonly name: string;
  readonly podSpec: unknown;
  /** Index among the Job's containers. */
  readonly containerIndex: number;
  readonly container: unknown;
  readonly argument: BootstrapArgument;
}

/**
 * Opens a manifest for reading and editing.
 * @throws MirrorError `manifest`, naming the file and what is wrong with its YAML.
 */
export function openManifest(text: string, file: string): YamlEditor {
  try {
    return editYaml(text, { source: file });
  } catch (cause) {
    if (!(cause instanceof YamlError)) throw cause;
    throw new MirrorError("manifest", `${file}: ${cause.message}`, { subject: file, cause });
  }
}

/**
 * Finds the bootstrap Jobs of a manifest.
 * @throws MirrorError `manifest`, naming the file and what was looked for, when there is none.
 */
export function findBootstrapJobs(editor: YamlEditor, file: string): BootstrapJob[] {
  const jobs = Array.from({ length: editor.documentCount }, (_, document) =>
    bootstrapJobsOf(editor.get([], { document }) ?? null, document),
  ).flat();
  if (jobs.length > 0) return jobs;
  throw new MirrorError(
    "manifest",
    `${file}: no Package Operator bootstrap Job found; looked for a document of kind Job with a container named ` +
      `"${bootstrapContainer}" whose args have -self-bootstrap=<package image>`,
    { subject: file },
  );
}

function bootstrapJobsOf(object: JsonValue, document: number): BootstrapJob[] {
  if (member(object, "kind") !== "Job") return [];
  const podSpec = member(member(member(object, "spec"), "template"), "spec");
  return items(member(podSpec, "containers")).flatMap((container, containerIndex) => {
    if (member(container, "name") !== bootstrapContainer) return [];
    const argument = findBootstrapArgument(container);
    if (argument === undefined) return [];
    const name = member(member(object, "metadata"), "name");
    return [
      { document, name: typeof name === "string" ? name : "", podSpec, containerIndex, container, argument },
    ];
  });
}

/** The images that the bootstrap Jobs of a manifest need: their containers, the package, and what their configuration names. */
export function bootstrapRequests(text: string, file: string): ImageRequest[] {
  return findBootstrapJobs(openManifest(text, file), file).flatMap(
    ({ podSpec, container, argument }): ImageRequest[] => [
      ...podSpecImages(podSpec, "spec.template.spec").map(({ image, name }): ImageRequest => ({
        reference: image,
        isPackage: false,
        reason: { kind: "bootstrap", in: file, name },
      })),
      { reference: argument.reference, isPackage: true, reason: { kind: "bootstrap-package", in: file } },
      ...configRequests(container, file),
    ],
  );
}

/** The rules that the bootstrap Jobs of a manifest carry. */
export function bootstrapRules(text: string, file: string): readonly PrefixRule[] {
  return findBootstrapJobs(openManifest(text, file), file).flatMap(({ container }) => {
    const env = items(member(container, "env"));
    const value = member(
      env.find((variable) => member(variable, "name") === overridesVariable),
      "value",
    );
    return parsePrefixOverrides(typeof value === "string" ? value : "").rules;
  });
}

/** Images that other objects of the manifest name, which nothing rewrites. */
export function bootstrapLeaks(text: string, file: string): ImageLeak[] {
  const editor = openManifest(text, file);
  const jobs = new Set(findBootstrapJobs(editor, file).map(({ document }) => document));
  return Array.from({ length: editor.documentCount }, (_, document) =>
    jobs.has(document) ? [] : findLiterals(editor.get([], { document })),
  ).flatMap((literals) => literals.map((literal) => ({ ...literal, in: file })));
}

function configRequests(container: unknown, file: string): ImageRequest[] {
  const entry = items(member(container, "env")).find((variable) => member(variable, "name") === "PKO_CONFIG");
  const value = member(entry, "value");
  if (typeof value !== "string" || value.trim() === "") return [];
  let config: JsonValue;
  try {
    config = parseJson(value);
  } catch (cause) {
    throw new MirrorError("manifest", `${file}: PKO_CONFIG is not JSON: ${(cause as Error).message}`, {
      subject: file,
      cause,
    });
  }
  return texts(config)
    .filter(isCompleteReference)
    .map((reference) => ({
      reference,
      isPackage: false,
      reason: { kind: "config", in: file, name: "PKO_CONFIG" },
    }));
}

function texts(value: JsonValue): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
}
