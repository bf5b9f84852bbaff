import { SchemaError } from "./errors.ts";
import { goFormatString } from "./go-format.ts";
import { goQuote } from "./go-quote.ts";
import { jsonText } from "./json-text.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import { matchesSelector, selectorFromObject, type LabelSelector } from "./label-selector.ts";
import { compileProbeRule, type ProbeResult, type Prober } from "./probe-rule.ts";

/** One probe; when several members are set, `fieldsEqual` wins over `condition` over `cel`. */
export interface Probe {
  readonly fieldsEqual?: { readonly fieldA: string; readonly fieldB: string } | null;
  readonly condition?: { readonly type: string; readonly status: string } | null;
  readonly cel?: { readonly rule: string; readonly message: string } | null;
}

/** Probes for the objects that a selector picks (`availabilityProbes` of an ObjectSet). */
export interface AvailabilityProbe {
  readonly probes?: readonly Probe[] | null;
  readonly selector?: {
    readonly kind?: { readonly group?: string; readonly kind?: string } | null;
    readonly selector?: LabelSelector | null;
  } | null;
}

/**
 * Compiles availability probes. The prober passes objects that no group selects; every group first
 * checks that `status.observedGeneration` is current; then all its probes run.
 *
 * @throws SchemaError `invalid-probe` for a bad selector or rule, with the index of its group.
 */
export function compileProbes(groups: readonly AvailabilityProbe[]): Prober {
  return allOf(groups.map(compileGroup));
}

function compileGroup({ probes, selector }: AvailabilityProbe, index: number): Prober {
  const all = allOf((probes ?? []).flatMap((probe) => compileOne(probe, index)));
  const current: Prober = {
    evaluate: (object) =>
      isOutdated(object["status"], object)
        ? { status: "Unknown", messages: [".status outdated"] }
        : all.evaluate(object),
  };
  return forLabels(forKind(current, selector?.kind), selector?.selector, index);
}

const passed: ProbeResult = { status: "True", messages: [] };

function forKind(
  prober: Prober,
  kind: { readonly group?: string; readonly kind?: string } | null | undefined,
): Prober {
  if (kind === null || kind === undefined) return prober;
  return {
    evaluate: (object) => {
      const [group, name] = groupAndKind(object);
      return group === (kind.group ?? "") && name === (kind.kind ?? "") ? prober.evaluate(object) : passed;
    },
  };
}

function forLabels(prober: Prober, labels: LabelSelector | null | undefined, index: number): Prober {
  if (labels === null || labels === undefined) return prober;
  const selector = attempt(`parsing selector of probe #${index}`, () => selectorFromObject(labels));
  return {
    evaluate: (object) => {
      return matchesSelector(selector, labelsOf(object)) ? prober.evaluate(object) : passed;
    },
  };
}

/** Labels of which one is no text count as none. */
function labelsOf({ metadata }: JsonObject): Record<string, string> {
  const labels = isJsonObject(metadata) ? metadata["labels"] : undefined;
  const isText = isJsonObject(labels) && Object.values(labels).every((value) => typeof value === "string");
  return isText ? (labels as Record<string, string>) : {};
}

function compileOne({ fieldsEqual, condition, cel }: Probe, index: number): Prober[] {
  if (fieldsEqual)
    return [{ evaluate: (object) => compareFields(object, fieldsEqual.fieldA, fieldsEqual.fieldB) }];
  if (condition) return [{ evaluate: (object) => checkCondition(object, condition.type, condition.status) }];
  if (cel) return [attempt(`parsing probe #${index}`, () => compileProbeRule(cel.rule, cel.message))];
  return [];
}

function attempt<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw new SchemaError("invalid-probe", `${what}: ${(error as Error).message}`, { cause: error });
  }
}

/** Any Unknown outweighs any False; messages are those of the decisive results only. */
function allOf(probers: readonly Prober[]): Prober {
  return {
    evaluate: (object) => {
      const results = probers.map((prober) => prober.evaluate(object));
      const statuses = new Set(results.map(({ status }) => status));
      const status = statuses.has("Unknown") ? "Unknown" : statuses.has("False") ? "False" : "True";
      return {
        status,
        messages: results.flatMap((result) => (result.status === status ? result.messages : [])),
      };
    },
  };
}

function checkCondition(object: JsonObject, type: string, wanted: string): ProbeResult {
  const status = object["status"];
  const conditions = isJsonObject(status) ? status["conditions"] : undefined;
  const name = `.status.condition[${goQuote(type)}]`;
  if (conditions === undefined) return unknown("missing .status.conditions");
  if (!Array.isArray(conditions)) return unknown("malformed .status.conditions");
  for (const condition of conditions) {
    if (!isJsonObject(condition)) return unknown("malformed .status.conditions");
    if (condition["type"] !== type) continue;
    if (isOutdated(condition, object)) return unknown(`${name} outdated`);
    const message = `${name} is ${goFormatString(condition["status"] ?? null)}`;
    return { status: condition["status"] === wanted ? "True" : "False", messages: [message] };
  }
  return unknown(`missing ${name}`);
}

function compareFields(object: JsonObject, fieldA: string, fieldB: string): ProbeResult {
  const a = fieldAt(object, fieldA);
  if (a === undefined) return { status: "False", messages: [`${goQuote(fieldA)} missing`] };
  const b = fieldAt(object, fieldB);
  if (b === undefined) return { status: "False", messages: [`${goQuote(fieldB)} missing`] };
  // The text of a value tells its type as well, so equal texts are equal values.
  const [left, right] = [jsonText(a), jsonText(b)];
  if (left === right) return { status: "True", messages: [`${goQuote(fieldA)} == ${goQuote(fieldB)}`] };
  const message = `${goQuote(fieldA)} != ${goQuote(fieldB)} expected: ${left} got: ${right}`;
  return { status: "False", messages: [message] };
}

/** A field by dotted path; dots around it are dropped, lists are not entered. */
function fieldAt(object: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const key of path.replace(/^\.+/, "").replace(/\.+$/, "").split(".")) {
    value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

/** Whether something carries an integer generation other than the object's. */
function isOutdated(holder: JsonValue | undefined, object: JsonObject): boolean {
  const observed = isJsonObject(holder) ? holder["observedGeneration"] : undefined;
  if (!isInteger(observed)) return false;
  const metadata = object["metadata"];
  const generation = isJsonObject(metadata) ? metadata["generation"] : undefined;
  return BigInt(observed) !== (isInteger(generation) ? BigInt(generation) : 0n);
}

function isInteger(value: JsonValue | undefined): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

function groupAndKind(object: JsonObject): [group: string, kind: string] {
  const version = typeof object["apiVersion"] === "string" ? object["apiVersion"] : "";
  const kind = typeof object["kind"] === "string" ? object["kind"] : "";
  return [version.includes("/") ? version.slice(0, version.indexOf("/")) : "", kind];
}

function unknown(message: string): ProbeResult {
  return { status: "Unknown", messages: [message] };
}
