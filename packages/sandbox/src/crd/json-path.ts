import { isObject, type JsonObject, type JsonValue, textOf } from "../json.ts";

/** Finds the values of a compiled JSONPath in an object. */
export type JsonPath = (object: JsonObject) => JsonValue[];

type Step = (values: readonly JsonValue[]) => JsonValue[];

const token =
  /^(?:\.?\[\?\(@((?:\.[\w-]+)+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))\)\]|\.?\[(-?\d+|\*)\]|\.?\[['"]([^'"]+)['"]\]|\.((?:[^.[\]\\]|\\.)+))/;

/**
 * Compiles the simple JSONPath of printer columns, such as `.status.conditions[?(@.type=="Ready")].status`:
 * fields, indexes, `*` and one comparison. Undefined for anything else.
 */
export function compileJsonPath(text: string): JsonPath | undefined {
  const steps: Step[] = [];
  let rest = text;
  while (rest !== "" && rest !== ".") {
    const match = token.exec(rest);
    if (match === null) return undefined;
    rest = rest.slice(match[0].length);
    steps.push(createStep(match));
  }
  return (object) => steps.reduce<JsonValue[]>((values, step) => step(values), [object]);
}

function createStep(match: RegExpExecArray): Step {
  const [, path, operator, doubleQuoted, singleQuoted, bare, index, quotedField, field] = match;
  if (path !== undefined) {
    const wanted = doubleQuoted ?? singleQuoted ?? bare ?? "";
    const keys = path.slice(1).split(".");
    return (values) =>
      values.flatMap(childrenOf).filter((item) => {
        const actual = keys.reduce<JsonValue | undefined>((value, key) => fieldOf(value, key), item);
        return (textOf(actual) === wanted) === (operator === "==");
      });
  }
  if (index === "*") return (values) => values.flatMap(childrenOf);
  if (index !== undefined) {
    return (values) =>
      values.flatMap((value) => {
        const item = Array.isArray(value) ? value.at(Number(index)) : undefined;
        return item === undefined ? [] : [item];
      });
  }
  const name = (quotedField ?? field ?? "").replaceAll(/\\(.)/g, "$1");
  if (name === "*") return (values) => values.flatMap(childrenOf);
  return (values) =>
    values.flatMap((value) => {
      const child = fieldOf(value, name);
      return child === undefined ? [] : [child];
    });
}

function fieldOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function childrenOf(value: JsonValue): JsonValue[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}
