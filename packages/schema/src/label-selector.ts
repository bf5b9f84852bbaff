import { SchemaError } from "./errors.ts";
import { formatFieldErrors, invalid, type FieldError } from "./field-error.ts";
import { goQuote } from "./go-quote.ts";
import { compareBytes } from "./json-text.ts";
import { isLabelValue, isQualifiedName } from "./names.ts";

/** Operators of a requirement, as Kubernetes spells them inside. */
export type SelectorOperator = "=" | "==" | "!=" | "in" | "notin" | "exists" | "!" | "gt" | "lt";

/** One condition on one label. */
export interface SelectorRequirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  /** Sorted; empty for `exists` and `!`. */
  readonly values: readonly string[];
}

/** A label selector ready for matching: every requirement must hold. */
export interface Selector {
  /** Sorted by key. */
  readonly requirements: readonly SelectorRequirement[];
  /** True for the selector of a null LabelSelector, which matches nothing at all. */
  readonly nothing: boolean;
}

/** `meta/v1 LabelSelector`. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | null;
  readonly matchExpressions?: readonly LabelSelectorRequirement[] | null;
}

/** `meta/v1 LabelSelectorRequirement`. */
export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | null;
}

/** The selector that matches no object. */
const nothing: Selector = { requirements: [], nothing: true };

/** Whether all requirements hold for these labels; absent labels count as none. */
export function matchesSelector(
  selector: Selector,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  if (selector.nothing) return false;
  return selector.requirements.every((requirement) => matchesRequirement(requirement, labels ?? {}));
}

/** The canonical text of a selector, as the API server and informers use it. */
export function formatSelector(selector: Selector): string {
  return selector.requirements.map(formatRequirement).join(",");
}

/** Whether a selector has no requirements and matches everything. */
export function isEmptySelector(selector: Selector): boolean {
  return !selector.nothing && selector.requirements.length === 0;
}

/**
 * Turns a LabelSelector object into a selector: null matches nothing, an empty one everything.
 *
 * @throws SchemaError `invalid-selector` with the text of `metav1.LabelSelectorAsSelector`.
 */
export function selectorFromObject(selector: LabelSelector | null | undefined): Selector {
  if (selector === null || selector === undefined) return nothing;
  const requirements: SelectorRequirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    requirements.push(createRequirement(key, "=", [value]));
  }
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = objectOperators[operator];
    if (known === undefined) {
      throw new SchemaError(
        "invalid-selector",
        `${goQuote(operator)} is not a valid label selector operator`,
      );
    }
    requirements.push(createRequirement(key, known, values ?? []));
  }
  return { requirements: requirements.toSorted((a, b) => compareBytes(a.key, b.key)), nothing: false };
}

/**
 * Checks and makes one requirement; values are sorted.
 *
 * @throws SchemaError `invalid-selector` with an aggregate of field errors.
 */
export function createRequirement(
  key: string,
  operator: SelectorOperator,
  values: readonly string[],
): SelectorRequirement {
  const errors: FieldError[] = [];
  const keyErrors = isQualifiedName(key);
  if (keyErrors.length > 0) errors.push(invalid("key", key, keyErrors.join("; ")));
  const shown = values.length === 0 ? null : [...values];
  const count = countError(operator, values);
  if (count !== undefined) errors.push(invalid("values", shown, count));
  else if (operator === "gt" || operator === "lt") {
    values.forEach((value, index) => {
      if (parseInt64(value) === undefined) {
        const detail = "for 'Gt', 'Lt' operators, the value must be an integer";
        errors.push(invalid(`values[${index}]`, value, detail));
      }
    });
  }
  values.forEach((value, index) => {
    const valueErrors = isLabelValue(value);
    if (valueErrors.length > 0) {
      errors.push(invalid(`values[${index}][${key}]`, value, valueErrors.join("; ")));
    }
  });
  if (errors.length > 0) throw new SchemaError("invalid-selector", formatFieldErrors(errors));
  return { key, operator, values: values.toSorted(compareBytes) };
}

const objectOperators: Readonly<Record<string, SelectorOperator>> = {
  In: "in",
  NotIn: "notin",
  Exists: "exists",
  DoesNotExist: "!",
};

/** Checks a LabelSelector inside of an object that is about to be stored; findings as values. */
export function validateLabelSelector(selector: LabelSelector, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    errors.push(...isQualifiedName(key).map((detail) => invalid(`${path}.matchLabels`, key, detail)));
    errors.push(...isLabelValue(value).map((detail) => invalid(`${path}.matchLabels`, value, detail)));
  }
  (selector.matchExpressions ?? []).forEach(({ key, operator, values }, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    const count = (values ?? []).length;
    if (operator === "In" || operator === "NotIn") {
      if (count === 0) {
        errors.push({
          type: "FieldValueRequired",
          path: `${at}.values`,
          detail: "must be specified when `operator` is 'In' or 'NotIn'",
        });
      }
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      if (count > 0) {
        errors.push({
          type: "FieldValueForbidden",
          path: `${at}.values`,
          detail: "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        });
      }
    } else {
      errors.push(invalid(`${at}.operator`, operator, "not a valid selector operator"));
    }
    errors.push(...isQualifiedName(key).map((detail) => invalid(`${at}.key`, key, detail)));
  });
  return errors;
}

function countError(operator: SelectorOperator, values: readonly string[]): string | undefined {
  switch (operator) {
    case "in":
    case "notin":
      return values.length === 0 ? "for 'in', 'notin' operators, values set can't be empty" : undefined;
    case "=":
    case "==":
    case "!=":
      return values.length === 1 ? undefined : "exact-match compatibility requires one single value";
    case "exists":
    case "!":
      return values.length === 0 ? undefined : "values set must be empty for exists and does not exist";
    default:
      return values.length === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required";
  }
}

function matchesRequirement(
  { key, operator, values }: SelectorRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const has = Object.hasOwn(labels, key);
  const value = labels[key] ?? "";
  switch (operator) {
    case "in":
    case "=":
    case "==":
      return has && values.includes(value);
    case "notin":
    case "!=":
      return !has || !values.includes(value);
    case "exists":
      return has;
    case "!":
      return !has;
    default: {
      const actual = has ? parseInt64(value) : undefined;
      const bound = parseInt64(values[0] ?? "");
      if (actual === undefined || bound === undefined) return false;
      return operator === "gt" ? actual > bound : actual < bound;
    }
  }
}

function formatRequirement({ key, operator, values }: SelectorRequirement): string {
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${values.join(",")})`;
    case "gt":
      return `${key}>${values[0]}`;
    case "lt":
      return `${key}<${values[0]}`;
    default:
      return `${key}${operator}${values[0]}`;
  }
}

/** Go's `strconv.ParseInt(text, 10, 64)`. */
function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return value === BigInt.asIntN(64, value) ? value : undefined;
}
