import { formatQuantity, parseQuantity, SchemaError } from "@package-operator/schema";
import { isObject, type JsonObject, type JsonValue, setOwn } from "../json.ts";
import type { OpenApiSchema } from "../fields/type-schema.ts";
import { definition, isStructValue, referenceOf, resolveSchema, zeroValue } from "./definitions.ts";

/** A value that does not fit its Go type; the message is encoding/json's. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** What a decoder noticed on the way. */
export interface DecodeNotes {
  /** Paths of fields the type does not have; they are dropped. */
  readonly unknown: string[];
}

interface Place {
  readonly struct: string;
  /** Where the value is, for unknown fields. */
  readonly path: string;
  /** The same without list indexes and map keys, as Go's type errors have it. */
  readonly field: string;
  readonly notes: DecodeNotes;
}

/**
 * Reads a built-in object as Go's JSON decoder and encoder would pass it through: unknown fields vanish, null is
 * absence, empty optional values are left out, struct values are always there.
 *
 * @throws DecodeError when a value has the wrong type.
 */
export function decodeBuiltin(value: JsonObject, definitionName: string, notes: DecodeNotes): JsonObject {
  return decodeStruct(value, definition(definitionName), {
    struct: shortName(definitionName),
    path: "",
    field: "",
    notes,
  });
}

function decodeStruct(value: JsonObject, schema: OpenApiSchema, place: Place): JsonObject {
  const properties = schema.properties ?? {};
  const required = new Set(schema.required);
  const decoded: JsonObject = {};
  for (const [name, property] of Object.entries(properties)) {
    const raw = Object.hasOwn(value, name) ? value[name] : undefined;
    const at = {
      ...place,
      path: place.path === "" ? name : `${place.path}.${name}`,
      field: place.field === "" ? name : `${place.field}.${name}`,
    };
    if (raw === undefined || raw === null) {
      const zero = zeroValue(property, required.has(name));
      if (zero !== undefined) decoded[name] = zero;
      continue;
    }
    const result = decodeValue(raw, property, at);
    if (property["x-omit-zero"] === true && isZero(result, property)) continue;
    decoded[name] = result;
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(properties, name)) {
      place.notes.unknown.push(place.path === "" ? name : `${place.path}.${name}`);
    }
  }
  return decoded;
}

function isZero(value: JsonValue, schema: OpenApiSchema): boolean {
  if (isStructValue(schema)) return false;
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === "" || value === 0 || value === false;
}

function decodeValue(value: JsonValue, schema: OpenApiSchema, place: Place): JsonValue {
  const name = referenceOf(schema);
  if (name !== undefined) return decodeReference(value, name, place);
  switch (schema.type) {
    case "object":
      return decodeMap(value, schema, place);
    case "array":
      return decodeList(value, schema, place);
    case "string":
      return typeof value === "string" ? value : mismatch(value, "string", place);
    case "boolean":
      return typeof value === "boolean" ? value : mismatch(value, "bool", place);
    case "integer":
      return decodeInteger(value, schema.format ?? "int64", place);
    case "number":
      return isNumber(value) ? value : mismatch(value, "float64", place);
    default:
      return value;
  }
}

function decodeReference(value: JsonValue, name: string, place: Place): JsonValue {
  if (name.endsWith(".Quantity")) return decodeQuantity(value);
  const schema = definition(name);
  if (schema.properties === undefined) {
    if (schema.type === "string" && typeof value !== "string")
      return mismatch(value, `v1.${shortName(name)}`, place);
    if (schema.type === "object" && schema.additionalProperties !== undefined)
      return decodeMap(value, schema, place);
    return value;
  }
  if (!isObject(value)) return mismatch(value, `v1.${shortName(name)}`, place);
  return decodeStruct(value, schema, { ...place, struct: shortName(name) });
}

function decodeMap(value: JsonValue, schema: OpenApiSchema, place: Place): JsonValue {
  const element = schema.additionalProperties;
  if (!isObject(value)) return mismatch(value, "map[string]" + goType(element), place);
  if (typeof element !== "object") return value;
  const decoded: JsonObject = {};
  for (const [key, child] of Object.entries(value)) {
    const empty = element.type === "string" ? "" : null;
    setOwn(decoded, key, child === null ? empty : decodeValue(child, element, below(place, key)));
  }
  return decoded;
}

function below(place: Place, key: string): Place {
  return { ...place, path: `${place.path}.${key}` };
}

function decodeList(value: JsonValue, schema: OpenApiSchema, place: Place): JsonValue {
  const items = Array.isArray(schema.items) ? undefined : schema.items;
  if (!Array.isArray(value)) return mismatch(value, `[]${goType(items)}`, place);
  if (items === undefined) return value;
  return value.map((item, index) => {
    const at = { ...place, path: `${place.path}[${index}]` };
    if (item !== null) return decodeValue(item, items, at);
    const struct = resolveSchema(items);
    return struct.properties === undefined ? "" : decodeStruct({}, struct, at);
  });
}

function decodeInteger(value: JsonValue, format: string, place: Place): JsonValue {
  if (!isNumber(value) || (typeof value === "number" && !Number.isInteger(value))) {
    return mismatch(value, format, place);
  }
  if (format === "int32" && Math.abs(Number(value)) > 2 ** 31) return mismatch(value, format, place);
  return value;
}

function decodeQuantity(value: JsonValue): JsonValue {
  const text = typeof value === "string" ? value : isNumber(value) ? String(value) : "";
  try {
    return formatQuantity(parseQuantity(text));
  } catch (error) {
    if (error instanceof SchemaError) throw new DecodeError(error.message);
    throw error;
  }
}

function mismatch(value: JsonValue, type: string, place: Place): never {
  throw new DecodeError(
    `json: cannot unmarshal ${kindOf(value)} into Go struct field ${place.struct}.${place.field} of type ${type}`,
  );
}

function kindOf(value: JsonValue): string {
  if (Array.isArray(value)) return "array";
  if (isNumber(value))
    return typeof value === "number" && !Number.isInteger(value) ? `number ${value}` : "number";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function goType(schema: OpenApiSchema | boolean | undefined): string {
  if (typeof schema !== "object") return "interface {}";
  const name = referenceOf(schema);
  if (name !== undefined) return `v1.${shortName(name)}`;
  const names: Record<string, string> = { boolean: "bool", integer: "int64", number: "float64" };
  return names[schema.type ?? ""] ?? schema.type ?? "interface {}";
}

function isNumber(value: JsonValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function shortName(definitionName: string): string {
  return definitionName.slice(definitionName.lastIndexOf(".") + 1);
}
