import { GoComplex, GoInt, GoList, GoMap, type Result } from "./value.ts";

/** Kinds as Go's reflection names them. */
export type Kind =
  | "invalid"
  | "bool"
  | "int"
  | "int64"
  | "uint8"
  | "uint64"
  | "float64"
  | "complex128"
  | "string"
  | "slice"
  | "map"
  | "ptr"
  | "struct";

/** The Go type of a value, as `%T` prints it. */
export function typeOf(value: Result): string {
  if (value === null || value === undefined) return "<nil>";
  if (typeof value === "string") return "string";
  if (typeof value === "number") return "float64";
  if (typeof value === "boolean") return "bool";
  if (value instanceof GoMap) return `map[string]${value.element}`;
  if (value instanceof GoList) return `[]${value.element}`;
  if (value instanceof GoInt) return value.type;
  if (value instanceof GoComplex) return "complex128";
  return value.isPointer ? "*semver.Version" : "semver.Version";
}

/** The Go kind of a value. */
export function kindOf(value: Result): Kind {
  if (value === null || value === undefined) return "invalid";
  if (typeof value === "string") return "string";
  if (typeof value === "number") return "float64";
  if (typeof value === "boolean") return "bool";
  if (value instanceof GoMap) return "map";
  if (value instanceof GoList) return "slice";
  if (value instanceof GoInt) return value.type;
  if (value instanceof GoComplex) return "complex128";
  return value.isPointer ? "ptr" : "struct";
}

/** Truth as `if` sees it; `empty` of sprig is its opposite. */
export function isTrue(value: Result): boolean {
  if (value === null || value === undefined) return false;
  if (typeof value === "string") return value !== "";
  if (typeof value === "number") return value !== 0;
  if (typeof value === "boolean") return value;
  if (value instanceof GoMap) return value.entries.size > 0;
  if (value instanceof GoList) return value.items.length > 0;
  if (value instanceof GoInt) return value.value !== 0n;
  if (value instanceof GoComplex) return value.real !== 0 || value.imaginary !== 0;
  return true;
}
