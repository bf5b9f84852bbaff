import { formatGoFloat, isJsonObject, type JsonObject, type JsonValue } from "@package-operator/kube-yaml";
import { PackageError } from "./errors.ts";

/** Where a value stands, for messages: the structure that has the field, and the field's path from the root. */
interface Place {
  readonly struct: string;
  readonly path: string;
}

/** Reads one value of a manifest; undefined and null give the type's zero value. */
export interface Decoder<T> {
  /** The type's name in messages. */
  readonly type: string;
  decode(value: JsonValue | undefined, place: Place): T;
}

/**
 * Reads a whole manifest through a decoder, with the rules of Go's JSON decoding into structures: unknown fields are
 * ignored, names match without regard to case (an exact match wins), and scalars become text where text is wanted.
 *
 * @throws PackageError `violation`-free `fields` error whose text starts like upstream's.
 */
export function decodeStruct<T>(decoder: Decoder<T>, value: JsonValue): T {
  return decoder.decode(value, { struct: "", path: "" });
}

/** Text; numbers and booleans are written out, as YAML meant for text fields often leaves the quotes off. */
export const text: Decoder<string> = {
  type: "string",
  decode(value, place) {
    if (value === undefined || value === null) return "";
    if (typeof value === "string") return value;
    if (typeof value === "boolean" || typeof value === "bigint") return String(value);
    if (typeof value === "number") {
      // Other numbers went through 32 bits in Go's YAML library.
      return Number.isSafeInteger(value) ? String(value) : formatGoFloat(value, 32);
    }
    throw mismatch(value, this.type, place);
  },
};

/** A number; texts are none. */
export const number: Decoder<number> = {
  type: "float64",
  decode(value, place) {
    if (value === undefined || value === null) return 0;
    if (typeof value === "number" || typeof value === "bigint") return Number(value);
    throw mismatch(value, this.type, place);
  },
};

/** A whole number. */
export const integer: Decoder<number> = {
  type: "int64",
  decode(value, place) {
    if (value === undefined || value === null) return 0;
    if (typeof value === "bigint" || Number.isInteger(value)) return Number(value);
    throw mismatch(value, this.type, place);
  },
};

/** True or false; texts and numbers are neither. */
export const flag: Decoder<boolean> = {
  type: "bool",
  decode(value, place) {
    if (value === undefined || value === null) return false;
    if (typeof value === "boolean") return value;
    throw mismatch(value, this.type, place);
  },
};

/** A decoder that is defined by means of itself. */
export function lazy<T>(type: string, make: () => Decoder<T>): Decoder<T> {
  let made: Decoder<T> | undefined;
  return {
    type,
    decode(value, place) {
      made ??= make();
      return made.decode(value, place);
    },
  };
}

/** Any JSON object, taken as it is. */
export function anyObject(type: string): Decoder<JsonObject | undefined> {
  return {
    type,
    decode(value, place) {
      if (value === undefined || value === null) return undefined;
      if (isJsonObject(value)) return value;
      throw mismatch(value, type, place);
    },
  };
}

/** Any JSON value, taken as it is. */
export const anyValue: Decoder<JsonValue | undefined> = {
  type: "any",
  decode: (value) => value ?? undefined,
};

export function listOf<T>(element: Decoder<T>): Decoder<readonly T[]> {
  const type = `[]${element.type}`;
  return {
    type,
    decode(value, place) {
      if (value === undefined || value === null) return [];
      if (!Array.isArray(value)) throw mismatch(value, type, place);
      return value.map((item) => element.decode(item, place));
    },
  };
}

export function mapOf<T>(element: Decoder<T>): Decoder<Readonly<Record<string, T>> | undefined> {
  const type = `map[string]${element.type}`;
  return {
    type,
    decode(value, place) {
      if (value === undefined || value === null) return undefined;
      if (!isJsonObject(value)) throw mismatch(value, type, place);
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, element.decode(item, place)]),
      );
    },
  };
}

/** A decoder that gives `value` for what is absent. */
export function orElse<T, Value>(decoder: Decoder<T | undefined>, value: Value): Decoder<T | Value> {
  return { type: decoder.type, decode: (input, place) => decoder.decode(input, place) ?? value };
}

/** A decoder whose null and absence stay visible. */
export function optional<T>(decoder: Decoder<T>): Decoder<T | undefined> {
  return {
    type: decoder.type,
    decode: (value, place) =>
      value === undefined || value === null ? undefined : decoder.decode(value, place),
  };
}

/** A decoder per field; those of optional fields may give undefined, which leaves the field out. */
type Fields<T> = { readonly [Name in keyof Required<T>]: Decoder<T[Name & keyof T]> };

/** A structure; `type` is its Go name with package, for messages. */
export function struct<T extends object>(type: string, fields: Fields<T>): Decoder<T> {
  const name = type.slice(type.lastIndexOf(".") + 1);
  return {
    type,
    decode(value, place) {
      const object = value ?? {};
      if (!isJsonObject(object)) throw mismatch(object, type, place);
      const result: Partial<T> = {};
      for (const key in fields) {
        const path = place.path === "" ? key : `${place.path}.${key}`;
        const decoded = fields[key].decode(fieldOf(object, key), { struct: name, path });
        if (decoded !== undefined) result[key] = decoded;
      }
      return result as T;
    },
  };
}

function fieldOf(object: JsonObject, name: string): JsonValue | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  const folded = name.toLowerCase();
  const key = Object.keys(object).findLast((candidate) => candidate.toLowerCase() === folded);
  return key === undefined ? undefined : object[key];
}

function mismatch(value: JsonValue, type: string, { struct: name, path }: Place): PackageError {
  const target = path === "" ? `Go value of type ${type}` : `Go struct field ${name}.${path} of type ${type}`;
  return new PackageError(
    "fields",
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into ${target}`,
  );
}

/** Go's word for the kind of a JSON value. */
export function jsonKind(value: JsonValue): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value === "bigint" ? "number" : typeof value;
}
