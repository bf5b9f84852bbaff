/** A static CEL type. */
export type CelType =
  | { readonly kind: SimpleKind }
  | { readonly kind: "list"; readonly element: CelType }
  | { readonly kind: "map"; readonly key: CelType; readonly value: CelType }
  | { readonly kind: "type"; readonly of: CelType }
  | { readonly kind: "param"; readonly name: string }
  | { readonly kind: "optional"; readonly of: CelType }
  | { readonly kind: "opaque"; readonly name: string }
  | CelObjectType;

/** A type with known fields, such as `self` of a CRD rule. */
interface CelObjectType {
  readonly kind: "object";
  readonly name: string;
  readonly fields: ReadonlyMap<string, CelType>;
}

/** `any` is what cel-go makes of values declared as `google.protobuf.Any`; `error` follows a reported mistake. */
type SimpleKind =
  | "dyn"
  | "any"
  | "error"
  | "bool"
  | "int"
  | "uint"
  | "double"
  | "string"
  | "bytes"
  | "null"
  | "duration"
  | "timestamp";

const simple = (kind: SimpleKind): CelType => ({ kind });

/** The type of values known only at run time. */
export const dyn: CelType = simple("dyn");
/** The peculiar dynamic type that no macro may range over. */
export const any: CelType = simple("any");
/** The type of an expression with a mistake; fits everywhere, so that one mistake is reported once. */
export const error: CelType = simple("error");
/** Boolean. */
export const bool: CelType = simple("bool");
/** Signed 64-bit integer. */
export const int: CelType = simple("int");
/** Unsigned 64-bit integer. */
export const uint: CelType = simple("uint");
/** 64-bit float. */
export const double: CelType = simple("double");
/** Text. */
export const string: CelType = simple("string");
/** Bytes. */
export const bytes: CelType = simple("bytes");
/** The type of `null`. */
export const nullType: CelType = simple("null");
/** A span of time. */
export const duration: CelType = simple("duration");
/** A point in time. */
export const timestamp: CelType = simple("timestamp");

/** A list type. */
export function list(element: CelType): CelType {
  return { kind: "list", element };
}

/** A map type. */
export function map(key: CelType, value: CelType): CelType {
  return { kind: "map", key, value };
}

/** The type of a type, such as that of `int` itself. */
export function typeOf(of: CelType): CelType {
  return { kind: "type", of };
}

/** A type parameter of an overload. */
export function param(name: string): CelType {
  return { kind: "param", name };
}

/** A type that only its own functions look into, such as a URL. */
export function opaque(name: string): CelType {
  return { kind: "opaque", name };
}

/** A value that may be absent. */
export function optional(of: CelType): CelType {
  return { kind: "optional", of };
}

/** Whether the type says nothing about the value. */
export function isDynamic(type: CelType): boolean {
  return type.kind === "dyn" || type.kind === "error" || type.kind === "any";
}

/** The type as compile errors show it. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case "list":
      return `list(${formatType(type.element)})`;
    case "map":
      return `map(${formatType(type.key)}, ${formatType(type.value)})`;
    case "type":
      return `type(${formatType(type.of)})`;
    case "optional":
      return `optional_type(${formatType(type.of)})`;
    case "opaque":
    case "object":
    case "param":
      return type.name;
    case "error":
      return "!error!";
    default:
      return type.kind;
  }
}

const runtimeNames: Readonly<Record<string, string>> = {
  any: "google.protobuf.Any",
  null: "null_type",
  duration: "google.protobuf.Duration",
  timestamp: "google.protobuf.Timestamp",
};

/** The type as the checked result shows it, with the names that types have at run time. */
export function typeText(type: CelType): string {
  switch (type.kind) {
    case "list":
      return `list(${typeText(type.element)})`;
    case "map":
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case "type":
      return `type(${typeText(type.of)})`;
    case "optional":
      return `optional_type(${typeText(type.of)})`;
    default:
      return runtimeNames[type.kind] ?? formatType(type);
  }
}
