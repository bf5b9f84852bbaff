import type { CelBudget } from "./cel/cel-evaluator.ts";
import { CelBudgetError } from "./cel/cel-error.ts";
import type { CelProgram } from "./cel/cel-program.ts";
import { CelOptional, type CelValue } from "./cel/cel-value.ts";
import { isUnchanged, oldField, oldItems } from "./correlate.ts";
import { forbidden, invalid, required, type FieldError } from "./field-error.ts";
import type { JsonSchema, ValidationRule } from "./json-schema.ts";
import { isJsonObject, type JsonValue } from "./json-value.ts";
import { ruleValue } from "./rule-type.ts";

/** A compiled rule of `x-kubernetes-validations`. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: CelProgram;
  /** Whether the rule compares with the old value. */
  readonly isTransition: boolean;
  /** Computes the message. */
  readonly message: CelProgram | undefined;
}

/** A schema that has rules or holds some below. */
export interface CompiledNode {
  readonly schema: JsonSchema;
  readonly rules: readonly CompiledRule[];
  readonly properties: ReadonlyMap<string, CompiledNode>;
  readonly items: CompiledNode | undefined;
  readonly additional: CompiledNode | undefined;
  /** Whether fields of old and new maps correspond. */
  readonly granular: boolean;
}

/** Work that one object may cause, and one rule of it, as the API server allows. */
const totalBudget = 10_000_000;
const ruleBudget = 1_000_000;

/** Runs the rules of a schema and everything below it. */
export function evaluateRules(
  node: CompiledNode,
  value: JsonValue,
  oldValue: JsonValue | undefined,
  path: string,
): FieldError[] {
  const run: Run = { errors: [], remaining: totalBudget };
  const before = oldValue;
  evaluateNode(run, node, {
    ...{ value, oldValue, before, path },
    isUnchanged: () => isUnchanged(node.schema, value, before),
  });
  return run.errors;
}

interface Run extends CelBudget {
  readonly errors: FieldError[];
}

interface Place {
  readonly value: JsonValue;
  readonly oldValue: JsonValue | undefined;
  readonly path: string;
  /** The value before as far as unchanged ones are forgiven, which reaches further than what rules may compare with. */
  readonly before: JsonValue | undefined;
  readonly isUnchanged: () => boolean;
}

/** Whether a value is unchanged, or where it has none to compare with, what it is a part of. */
function unchangedOr(
  whole: Place,
  schema: JsonSchema,
  { value, before }: Pick<Place, "value" | "before">,
): () => boolean {
  return before === undefined ? whole.isUnchanged : () => isUnchanged(schema, value, before);
}

function evaluateNode(run: Run, node: CompiledNode, place: Place): void {
  const { value, oldValue, before, path } = place;
  if (value === null) return;
  if (node.rules.length > 0) evaluateOwnRules(run, node, place);
  const visit = (child: CompiledNode, at: Omit<Place, "isUnchanged">): void =>
    evaluateNode(run, child, { ...at, isUnchanged: unchangedOr(place, child.schema, at) });
  if (Array.isArray(value) && node.items !== undefined) {
    const old = oldItems(node.schema, oldValue);
    for (const [index, item] of value.entries()) {
      const was = old(item);
      visit(node.items, { value: item, oldValue: was, before: was, path: `${path}[${index}]` });
    }
  }
  if (!isJsonObject(value)) return;
  for (const [key, field] of Object.entries(value)) {
    const was = oldField(before, key);
    const at = { value: field, oldValue: node.granular ? oldField(oldValue, key) : undefined, before: was };
    const property = node.properties.get(key);
    if (property !== undefined) visit(property, { ...at, path: path === "" ? key : `${path}.${key}` });
    else if (node.additional !== undefined) visit(node.additional, { ...at, path: `${path}[${key}]` });
  }
}

function evaluateOwnRules(run: Run, { rules, schema }: CompiledNode, place: Place): void {
  const { value, oldValue, path } = place;
  const self = ruleValue(schema, value);
  const old = oldValue === undefined || oldValue === null ? undefined : ruleValue(schema, oldValue);
  const type = schema.type ?? "";
  for (const compiled of rules) {
    const { rule, isTransition } = compiled;
    const optionalOld = rule.optionalOldSelf === true;
    if (isTransition && old === undefined && !optionalOld) continue;
    const bindings = new Map<string, CelValue>([["self", self]]);
    if (optionalOld) bindings.set("oldSelf", new CelOptional(old));
    else if (old !== undefined) bindings.set("oldSelf", old);
    try {
      if (within(run, compiled.program, bindings) === true) continue;
      // What was stored before the rule stays until somebody changes it.
      if (!isTransition && place.isUnchanged()) continue;
      run.errors.push(ruleError(run, compiled, bindings, { value, path }));
    } catch (error) {
      run.errors.push(invalid(path, type, failureText(error as Error, rule)));
      if (error instanceof CelBudgetError) return;
    }
  }
}

/** Evaluates within what is left for the object, and at most what one rule may spend. */
function within(run: Run, program: CelProgram, bindings: ReadonlyMap<string, CelValue>): CelValue {
  const granted = Math.min(run.remaining, ruleBudget);
  const budget: CelBudget = { remaining: granted };
  try {
    return program.evaluate(bindings, budget);
  } finally {
    run.remaining -= granted - Math.max(0, budget.remaining);
  }
}

function failureText(error: Error, rule: ValidationRule): string {
  const shown = ruleText(rule);
  if (error instanceof CelBudgetError) {
    return `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${shown}`;
  }
  if (error.message.startsWith("no such overload")) {
    return `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${shown}`;
  }
  return `${error.message} evaluating rule: ${shown}`;
}

function ruleText({ rule = "", message = "" }: ValidationRule): string {
  return (message === "" ? rule : message).trim();
}

function ruleError(
  run: Run,
  { rule, message }: CompiledRule,
  bindings: ReadonlyMap<string, CelValue>,
  at: { readonly value: JsonValue; readonly path: string },
): FieldError {
  const fallback =
    rule.message === undefined || rule.message === "" ? `failed rule: ${ruleText(rule)}` : ruleText(rule);
  const detail = (message === undefined ? undefined : computedMessage(run, message, bindings)) ?? fallback;
  const path = rule.fieldPath === undefined ? at.path : `${at.path}${rule.fieldPath}`.replace(/^\./, "");
  // Only scalars are shown.
  const shown = typeof at.value === "object" ? {} : { badValue: at.value };
  switch (rule.reason) {
    case "FieldValueRequired":
      return required(path, detail);
    case "FieldValueForbidden":
      return forbidden(path, detail);
    case "FieldValueDuplicate":
      return { type: "FieldValueDuplicate", path, detail: "", ...shown };
    default:
      return { type: "FieldValueInvalid", path, detail, ...shown };
  }
}

/** The computed message, unless it fails or is no single line of text. */
function computedMessage(
  run: Run,
  program: CelProgram,
  bindings: ReadonlyMap<string, CelValue>,
): string | undefined {
  try {
    const text = within(run, program, bindings);
    if (typeof text !== "string" || text.trim() === "" || text.includes("\n")) return undefined;
    return text.trim();
  } catch {
    return undefined;
  }
}
