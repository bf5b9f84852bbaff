import type { ByteString } from "../text/byte-string.ts";
import type { Version } from "../functions/semver/version.ts";

/**
 * A Go value. The usual ones are plain: a `number` is a float64 (as every number of a JSON context), a string is a
 * {@link ByteString}, `null` is the nil of an interface. Everything else says its Go type.
 */
export type Value = null | boolean | number | ByteString | GoInt | GoComplex | GoList | GoMap | GoVersion;

/** A value, or the absence of one: what Go's reflection calls the invalid value. */
export type Result = Value | undefined;

/** Integer types that occur. */
export type IntType = "int" | "int64" | "uint8" | "uint64";

/** A Go integer. */
export class GoInt {
  readonly type: IntType;
  readonly value: bigint;

  constructor(type: IntType, value: bigint) {
    this.type = type;
    this.value = value;
  }
}

/** An int, the type of literals, lengths and indexes. */
export function int(value: number | bigint): GoInt {
  return new GoInt("int", BigInt(value));
}

/** An int64 with the wrap-around of Go's arithmetic. */
export function int64(value: bigint): GoInt {
  return new GoInt("int64", BigInt.asIntN(64, value));
}

/** A complex128, which only literals make. */
export class GoComplex {
  readonly real: number;
  readonly imaginary: number;

  constructor(real: number, imaginary: number) {
    this.real = real;
    this.imaginary = imaginary;
  }
}

/** Types of list elements that occur. */
export type ElementType = "interface {}" | "string" | "int" | "[]interface {}";

/** A Go slice; never changed once made. */
export class GoList {
  readonly element: ElementType;
  readonly items: readonly Value[];
  /** Tells a nil slice from an empty one. */
  readonly isNil: boolean;
  /** Zero values that Go holds behind the last item, where sprig's `slice` can reach them. */
  readonly spare: number;

  constructor(element: ElementType, items: readonly Value[], isNil: boolean, spare: number = 0) {
    this.element = element;
    this.items = items;
    this.isNil = isNil;
    this.spare = spare;
  }
}

/** A list that Go makes item by item, as when it decodes: it doubles the room, up to 512 items. */
export function grownList(element: ElementType, items: readonly Value[]): GoList {
  const capacity = 2 ** Math.ceil(Math.log2(Math.max(items.length, 1)));
  return new GoList(
    element,
    items,
    false,
    items.length === 0 || items.length > 512 ? 0 : capacity - items.length,
  );
}

/** A list of any. */
export function list(items: readonly Value[]): GoList {
  return new GoList("interface {}", items, false);
}

/** A list of strings. */
export function stringList(items: readonly ByteString[]): GoList {
  return new GoList("string", items, false);
}

/** A nil list. */
export function nilList(element: ElementType = "interface {}"): GoList {
  return new GoList(element, [], true);
}

/** A Go map with string keys; `set`, `unset` and `merge` change it in place. */
export class GoMap {
  readonly element: "interface {}" | "string";
  readonly entries: Map<ByteString, Value>;
  /** Tells a nil map, which cannot be written, from an empty one. */
  readonly isNil: boolean;

  constructor(element: "interface {}" | "string", entries: Map<ByteString, Value>, isNil: boolean) {
    this.element = element;
    this.entries = entries;
    this.isNil = isNil;
  }

  /** Keys in ascending byte order, the order in which Go's templates and printing walk maps. */
  sortedKeys(): ByteString[] {
    return [...this.entries.keys()].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }
}

/** A map of any. */
export function map(entries: Map<ByteString, Value> = new Map<ByteString, Value>()): GoMap {
  return new GoMap("interface {}", entries, false);
}

/** A map of strings; unlike in a map of any, `index` of an absent key gives the empty string. */
export function stringMap(entries: Map<ByteString, ByteString> = new Map<ByteString, ByteString>()): GoMap {
  return new GoMap("string", entries, false);
}

/** A semantic version: a pointer as `semver` gives it, or a struct as its methods give it. */
export class GoVersion {
  readonly version: Version;
  readonly isPointer: boolean;

  constructor(version: Version, isPointer: boolean) {
    this.version = version;
    this.isPointer = isPointer;
  }
}
