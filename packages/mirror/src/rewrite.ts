import {
  createPrefixMatcher,
  formatPrefixOverrides,
  mergePrefixRules,
  parsePrefixOverrides,
  type PrefixMatcher,
  type PrefixRule,
} from "@package-operator/image";
import type { YamlEditor } from "@package-operator/kube-yaml";
import { type BootstrapJob, findBootstrapJobs, openManifest, overridesVariable } from "./bootstrap-job.ts";
import { MirrorError } from "./errors.ts";
import { items, member } from "./pod-images.ts";

/** One value of a manifest that was changed. */
export interface ManifestChange {
  /** Name of the Job. */
  readonly job: string;
  /** Where it stands, for example `spec.template.spec.containers.0.image`. */
  readonly path: string;
  /** Undefined for a value that was added. */
  readonly from: string | undefined;
  readonly to: string;
}

export interface RewrittenManifest {
  readonly text: string;
  /** Empty when the manifest was as wanted already. */
  readonly changes: readonly ManifestChange[];
  /** Problems of the rules that stood in the manifest. */
  readonly warnings: readonly string[];
}

/**
 * Makes a bootstrap manifest install from a mirror: in each bootstrap Job the override variable is set (rules that are
 * there stay), the images of the Pod and the package in `-self-bootstrap=` are rewritten. Every other byte stays, comments
 * included. A second run changes nothing, also for rules whose `to` begins with their `from`.
 *
 * @throws MirrorError `manifest` when there is no bootstrap Job, or its rules contradict the given ones.
 */
export function rewriteManifest(text: string, rules: readonly PrefixRule[], file: string): RewrittenManifest {
  const editor = openManifest(text, file);
  const changes: ManifestChange[] = [];
  const warnings: string[] = [];
  for (const job of findBootstrapJobs(editor, file)) {
    const merged = mergeRules(job, rules, file);
    warnings.push(...merged.warnings);
    const matcher = createPrefixMatcher(merged.rules);
    rewriteImages(editor, job, matcher, changes);
    rewriteArgument(editor, job, matcher, changes);
    // Last, because adding an entry moves what stands behind it.
    setOverrides(editor, job, formatPrefixOverrides(merged.rules), changes);
  }
  return { text: editor.toString(), changes, warnings };
}

function mergeRules(
  job: BootstrapJob,
  added: readonly PrefixRule[],
  file: string,
): { rules: readonly PrefixRule[]; warnings: readonly string[] } {
  const { variable } = overrideVariable(job);
  const value = member(variable, "value");
  if (member(variable, "valueFrom") !== undefined) {
    throw new MirrorError(
      "manifest",
      `${file}, Job ${job.name}: ${overridesVariable} is taken from elsewhere (valueFrom)`,
      {
        subject: file,
      },
    );
  }
  const present = parsePrefixOverrides(typeof value === "string" ? value : "");
  const { rules, conflicts } = mergePrefixRules(present.rules, added);
  if (conflicts.length > 0) {
    const list = conflicts.map(
      ({ existing, added: wanted }) => `${existing.from} goes to ${existing.to}, not ${wanted.to}`,
    );
    throw new MirrorError(
      "manifest",
      `${file}, Job ${job.name}: its rules contradict the given ones: ${list.join("; ")}`,
      {
        subject: file,
      },
    );
  }
  return { rules, warnings: present.warnings };
}

function overrideVariable({ container }: BootstrapJob): { index: number; variable: unknown } {
  const env = items(member(container, "env"));
  const index = env.findIndex((variable) => member(variable, "name") === overridesVariable);
  return { index, variable: env[index] };
}

const podSpec = ["spec", "template", "spec"] as const;

function rewriteImages(
  editor: YamlEditor,
  { podSpec: spec, name, document }: BootstrapJob,
  matcher: PrefixMatcher,
  changes: ManifestChange[],
): void {
  for (const list of ["initContainers", "containers"] as const) {
    for (const [index, container] of items(member(spec, list)).entries()) {
      const image = member(container, "image");
      if (typeof image !== "string") continue;
      const path = [...podSpec, list, index, "image"];
      change(editor, { job: name, document, path, from: image, to: mirrored(image, matcher) }, changes);
    }
  }
}

function rewriteArgument(
  editor: YamlEditor,
  { argument, name, document, containerIndex }: BootstrapJob,
  matcher: PrefixMatcher,
  changes: ManifestChange[],
): void {
  const { list, index, prefix, reference } = argument;
  const path = [...podSpec, "containers", containerIndex, list, index];
  const to = prefix + mirrored(reference, matcher);
  change(editor, { job: name, document, path, from: prefix + reference, to }, changes);
}

function setOverrides(editor: YamlEditor, job: BootstrapJob, value: string, changes: ManifestChange[]): void {
  const { index, variable } = overrideVariable(job);
  const { name, document, containerIndex } = job;
  const env = [...podSpec, "containers", containerIndex, "env"];
  if (index === -1) {
    editor.insert(env, { name: overridesVariable, value }, { document });
    changes.push({ job: name, path: `${env.join(".")}.${overridesVariable}`, from: undefined, to: value });
    return;
  }
  const present = member(variable, "value");
  const from = typeof present === "string" ? present : "";
  change(editor, { job: name, document, path: [...env, index, "value"], from, to: value }, changes);
}

/** A reference that is at the mirror already stays, although a rule may match it again. */
function mirrored(reference: string, matcher: PrefixMatcher): string {
  const isMirrored = matcher.rules.some(({ to }) => to !== "" && reference.startsWith(to));
  return isMirrored ? reference : matcher.replace(reference);
}

interface Edit {
  readonly job: string;
  readonly document: number;
  readonly path: readonly (string | number)[];
  readonly from: string;
  readonly to: string;
}

function change(
  editor: YamlEditor,
  { job, document, path, from, to }: Edit,
  changes: ManifestChange[],
): void {
  if (from === to) return;
  editor.set(path, to, { document });
  changes.push({ job, path: path.join("."), from, to });
}
