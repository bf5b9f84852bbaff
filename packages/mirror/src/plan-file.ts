import { parsePrefixOverrides, parseReference } from "@package-operator/image";
import { encodeYaml, parseJson } from "@package-operator/kube-yaml";
import type { ClosureReason } from "./closure.ts";
import { type FieldReader, mirrorApiVersion, readDocument } from "./document.ts";
import type { MirrorPlan, PlanAction, PlanEntry } from "./plan.ts";

const KIND = "MirrorPlan";
const actions: readonly PlanAction[] = ["copy", "mount", "retag", "present"];
const reasonKinds: readonly ClosureReason["kind"][] = [
  ...(["source", "bootstrap", "bootstrap-package", "config"] as const),
  ...(["lock", "dependency", "package"] as const),
];

/** A plan as a file, to be read, approved and applied later. */
export function formatMirrorPlan(plan: MirrorPlan): string {
  const document = { apiVersion: mirrorApiVersion, kind: KIND, spec: plan };
  return encodeYaml(parseJson(JSON.stringify(document)));
}

/**
 * Reads a plan file. What it names is checked, not whether it is what a planner would have said: a plan may be edited.
 * @throws MirrorError `plan-file`, naming the file and the field.
 */
export function parseMirrorPlan(text: string, file: string): MirrorPlan {
  const spec = readDocument(text, { kind: KIND, file, code: "plan-file" });
  const overrides = spec.text("overrides");
  const { dropped, warnings } = parsePrefixOverrides(overrides);
  if (dropped.length > 0) throw spec.wrong("overrides", `cannot be used: ${warnings.join("; ")}`);
  return {
    overrides,
    entries: spec.list("entries").map(readEntry),
    bytesToMove: spec.count("bytesToMove"),
    warnings: spec.texts("warnings"),
  };
}

function readEntry(entry: FieldReader): PlanEntry {
  const digest = entry.digest("digest");
  const repository = (field: "source" | "target"): string => {
    const name = entry.text(field);
    if (!isRepository(name, digest)) throw entry.wrong(field, "is not REGISTRY/REPOSITORY");
    return name;
  };
  const target = repository("target");
  const tags = entry.texts("tags");
  for (const tag of tags) {
    if (!/^\w[\w.-]{0,127}$/.test(tag))
      throw entry.wrong("tags", `holds ${JSON.stringify(tag)}, which is no tag`);
  }
  const subset = entry.optional("subset");
  return {
    action: oneOf(entry, "action", actions),
    source: repository("source"),
    target,
    digest,
    mediaType: entry.text("mediaType"),
    children: entry.texts("children"),
    tags,
    references: entry.texts("references"),
    platforms: entry.texts("platforms"),
    ...(subset === undefined
      ? {}
      : { subset: { indexDigest: subset.digest("indexDigest"), platforms: subset.texts("platforms") } }),
    size: entry.count("size"),
    bytesToMove: entry.count("bytesToMove"),
    reasons: entry.list("reasons").map(readReason),
  };
}

function readReason(reason: FieldReader): ClosureReason {
  const component = reason.optionalText("component");
  const name = reason.optionalText("name");
  return {
    kind: oneOf(reason, "kind", reasonKinds),
    in: reason.text("in"),
    ...(component === undefined ? {} : { component }),
    ...(name === undefined ? {} : { name }),
  };
}

function oneOf<Value extends string>(reader: FieldReader, field: string, values: readonly Value[]): Value {
  const text = reader.text(field);
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) throw reader.wrong(field, `is not one of ${values.join(", ")}`);
  return value;
}

/** Complete names only: what has to be guessed could be guessed differently elsewhere. */
function isRepository(name: string, digest: string): boolean {
  try {
    const { registry, repository } = parseReference(`${name}@${digest}`);
    return `${registry}/${repository}` === name;
  } catch {
    return false;
  }
}
