import { isJsonObject, type JsonValue, parseJson } from "@package-operator/kube-yaml";

const MARK = "\u0001float";

/**
 * Parses JSON like `parseJson`, but numbers that are written with a fraction or exponent and are whole all the same (`2.0`)
 * become Number objects, which hashes and CEL take for float64.
 */
export function parseMarkedJson(text: string): JsonValue {
  const marked = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) => {
    const isWhole = !token.startsWith('"') && /[.eE]/.test(token) && Number.isSafeInteger(Number(token));
    return isWhole ? `{${JSON.stringify(MARK)}:${token}}` : token;
  });
  return unmark(parseJson(marked));
}

function unmark(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(unmark);
  if (!isJsonObject(value)) return value;
  // oxlint-disable-next-line no-new-wrappers, unicorn/new-for-builtins -- the object is the mark
  if (MARK in value) return new Number(value[MARK]) as unknown as JsonValue;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unmark(member)]));
}
