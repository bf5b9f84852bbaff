import { matchesSelector, parseLabelSelector, SchemaError, type Selector } from "@package-operator/schema";
import { type JsonObject, labelsOf, nameOf, namespaceOf } from "../json.ts";
import { badRequest } from "../refusals.ts";
import type { Resource } from "../resources/resource.ts";

/** Which objects of a collection a request is about. */
export interface Selection {
  readonly matches: (object: JsonObject) => boolean;
  /** The name, when the field selector asks for exactly one. */
  readonly name: string | undefined;
  /** Whether every object is meant. */
  readonly all: boolean;
}

interface FieldTerm {
  readonly field: string;
  readonly value: string;
  readonly equal: boolean;
}

/**
 * Compiles the selectors of a list or watch.
 *
 * @throws StatusError 400 for selectors that cannot be read or name fields the kind cannot select by.
 */
export function createSelection(resource: Resource, labelText: string, fieldText: string): Selection {
  const labels = parseLabels(labelText);
  const terms = parseFields(fieldText);
  for (const { field } of terms) requireSelectable(resource, field);
  const name = terms.find(({ field, equal }) => field === "metadata.name" && equal)?.value;
  return {
    name,
    all: labels.requirements.length === 0 && terms.length === 0,
    matches: (object) => {
      if (labels.requirements.length > 0 && !matchesSelector(labels, labelsOf(object))) return false;
      if (terms.length === 0) return true;
      const fields = fieldsOf(resource, object);
      return terms.every(({ field, value, equal }) => (fields[field] === value) === equal);
    },
  };
}

function parseLabels(text: string): Selector {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    if (error instanceof SchemaError) throw badRequest(error.message);
    throw error;
  }
}

function parseFields(text: string): FieldTerm[] {
  if (text.trim() === "") return [];
  return text.split(/(?<!\\),/).map((term) => {
    const match = /^((?:[^=!\\]|\\.)+?)(==|!=|=)(.*)$/.exec(term);
    if (match === null) {
      throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    }
    const [, field = "", operator, value = ""] = match;
    return { field: field.trim(), value: value.replaceAll(/\\([,=\\])/g, "$1"), equal: operator !== "!=" };
  });
}

function requireSelectable(resource: Resource, field: string): void {
  if (Object.hasOwn(fieldsOf(resource, {}), field)) return;
  throw badRequest(
    resource.custom
      ? `field label not supported: ${field}`
      : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

function fieldsOf(resource: Resource, object: JsonObject): Record<string, string> {
  return {
    "metadata.name": nameOf(object),
    ...(resource.namespaced ? { "metadata.namespace": namespaceOf(object) } : {}),
    ...resource.strategy.selectableFields?.(object),
  };
}
