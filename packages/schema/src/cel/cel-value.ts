/** A CEL value at run time. Integers are `bigint`, doubles `number`, lists arrays, bytes `Uint8Array`. */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | readonly CelValue[]
  | CelUint
  | CelMap
  | CelDuration
  | CelTimestamp
  | CelTypeValue
  | CelOptional
  | CelOpaque;

/** An unsigned integer. */
export class CelUint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** A span of time in nanoseconds. */
export class CelDuration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A point in time: nanoseconds since 1970 in UTC, and the offset in seconds it was written with. */
export class CelTimestamp {
  readonly nanos: bigint;
  readonly offset: number;

  constructor(nanos: bigint, offset = 0) {
    this.nanos = nanos;
    this.offset = offset;
  }
}

/** A type as a value, told from others by its name. */
export class CelTypeValue {
  readonly type: string;

  constructor(type: string) {
    this.type = type;
  }
}

/** A value that may be absent (`value === undefined`). */
export class CelOptional {
  readonly value: CelValue | undefined;

  constructor(value?: CelValue) {
    this.value = value;
  }
}

/** A value of an extension library: its content, and its canonical text, by which it is compared. */
export class CelOpaque {
  readonly type: string;
  readonly text: string;
  readonly content: unknown;

  constructor(type: string, text: string, content: unknown) {
    this.type = type;
    this.text = text;
    this.content = content;
  }
}

/** A map; numbers of different types are different keys, but find each other where cel-go looks. */
export class CelMap {
  readonly #entries: ReadonlyMap<string, readonly [CelValue, CelValue]>;

  constructor(entries: Iterable<readonly [CelValue, CelValue]>) {
    const found = new Map<string, readonly [CelValue, CelValue]>();
    for (const entry of entries) found.set(mapKeys(entry[0])[0]!, entry);
    this.#entries = found;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: CelValue): CelValue | undefined {
    const found = mapKeys(key).find((name) => this.#entries.has(name));
    return found === undefined ? undefined : this.#entries.get(found)![1];
  }

  has(key: CelValue): boolean {
    return mapKeys(key).some((name) => this.#entries.has(name));
  }

  keys(): CelValue[] {
    return [...this.#entries.values()].map(([key]) => key);
  }

  entries(): (readonly [CelValue, CelValue])[] {
    return [...this.#entries.values()];
  }
}

/** The text that a key is stored by, and those that it is looked for by then. */
function mapKeys(key: CelValue): string[] {
  if (typeof key === "bigint") return [`i${key}`, `u${key}`];
  if (key instanceof CelUint) return [`u${key.value}`, `i${key.value}`];
  if (typeof key !== "number") return [valueKey(key)];
  return Number.isInteger(key) ? [`d${key}`, `i${BigInt(key)}`, `u${BigInt(key)}`] : [`d${key}`];
}

/** Name of a value's type at run time. */
export function runtimeType(value: CelValue): string {
  if (value === null) return "null_type";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "string":
      return "string";
    default:
      return objectType(value);
  }
}

function objectType(value: Exclude<CelValue, null | boolean | bigint | number | string>): string {
  if (value instanceof CelUint) return "uint";
  if (value instanceof CelMap) return "map";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof CelDuration) return "google.protobuf.Duration";
  if (value instanceof CelTimestamp) return "google.protobuf.Timestamp";
  if (value instanceof CelTypeValue) return "type";
  if (value instanceof CelOptional) return "optional_type";
  if (value instanceof CelOpaque) return value.type;
  return "list";
}

/** Name of the Go type that cel-go keeps a value in, which some of its errors show. */
export function goTypeName(value: CelValue): string {
  if (value === null) return "types.Null";
  if (value instanceof CelTypeValue) return "*types.Type";
  if (value instanceof CelMap) return "*types.baseMap";
  if (isCelList(value)) return "*types.baseList";
  const name = runtimeType(value).replace(/^.*\./, "");
  return `types.${name[0]!.toUpperCase()}${name.slice(1)}`;
}

/** Whether a value is a list. */
export function isCelList(value: CelValue): value is readonly CelValue[] {
  return Array.isArray(value);
}

/** Text that equal values share. */
export function valueKey(value: CelValue): string {
  if (typeof value === "string") return `s${value}`;
  if (typeof value === "bigint") return `n${value}`;
  if (value instanceof CelUint) return `n${value.value}`;
  if (typeof value === "number") return Number.isInteger(value) ? `n${BigInt(value)}` : `d${value}`;
  if (value === null || typeof value === "boolean") return `b${value}`;
  if (isCelList(value)) return `l${value.map(framedKey).join("")}`;
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString("hex")}`;
  if (value instanceof CelDuration || value instanceof CelTimestamp)
    return `t${runtimeType(value)}${value.nanos}`;
  if (value instanceof CelTypeValue) return `y${value.type}`;
  if (value instanceof CelOpaque) return `o${value.type}${value.text}`;
  if (value instanceof CelOptional) return `?${value.value === undefined ? "" : valueKey(value.value)}`;
  const entries = value.entries().map(([key, item]) => `${framedKey(key)}${framedKey(item)}`);
  return `m${entries.toSorted().join("")}`;
}

/** A part of a longer key, with its length so that no text can pass for two parts. */
function framedKey(value: CelValue): string {
  const key = valueKey(value);
  return `${key.length}:${key}`;
}
