import { definition, referenceOf } from "../builtin/definitions.ts";
import type { OpenApiSchema, ProtoFields } from "../fields/type-schema.ts";
import { isObject, type JsonObject, type JsonValue, setOwn } from "../json.ts";

/** A body that is not the protobuf it should be. */
export class ProtobufError extends Error {
  override readonly name = "ProtobufError";
}

/** First bytes of every object that Kubernetes writes as protobuf. */
const magic = Buffer.from("k8s\0");

/** A decoded body: version and kind from the envelope, the fields from what is inside. */
export interface ProtobufObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** Opens the envelope that clients of built-in kinds put around objects. @throws ProtobufError */
export function readEnvelope(bytes: Uint8Array): ProtobufObject {
  if (Buffer.compare(bytes.subarray(0, 4), magic) !== 0) {
    throw new ProtobufError("provided data does not appear to be a protobuf message");
  }
  const fields = groupFields(bytes.subarray(4));
  const meta = groupFields(lastBytes(fields, 1));
  return { apiVersion: lastText(meta, 1), kind: lastText(meta, 2), raw: lastBytes(fields, 2) };
}

/** Decodes a message by the recorded definition of its kind into the JSON that means the same. @throws ProtobufError */
export function decodeMessage(bytes: Uint8Array, definitionName: string): JsonObject {
  const schema = definition(definitionName);
  const object: JsonObject = {};
  fillObject(object, bytes, schema, schema["x-proto"] ?? {});
  return object;
}

interface WireValue {
  readonly wire: number;
  readonly number: bigint;
  readonly bytes: Uint8Array;
}

type Fields = ReadonlyMap<number, readonly WireValue[]>;

function fillObject(
  object: JsonObject,
  bytes: Uint8Array,
  schema: OpenApiSchema,
  numbers: ProtoFields,
): void {
  for (const [number, values] of groupFields(bytes)) {
    const name = numbers[String(number)];
    const last = values.at(-1);
    if (name === undefined || last === undefined) continue;
    if (typeof name !== "string") {
      fillObject(object, last.bytes, schema, name);
      continue;
    }
    const property = schema.properties?.[name] ?? {};
    const value = decodeField(values, property);
    if (value !== undefined) setOwn(object, name, value);
  }
}

function decodeField(values: readonly WireValue[], schema: OpenApiSchema): JsonValue | undefined {
  if (schema.type === "array") {
    const items = isObject(schema.items) ? (schema.items as OpenApiSchema) : {};
    return values.flatMap((value) => unpack(value, items).map((item) => decodeValue(item, items)));
  }
  if (schema.type === "object" && typeof schema.additionalProperties === "object") {
    return decodeMap(values, schema.additionalProperties);
  }
  const last = values.at(-1);
  return last === undefined ? undefined : decodeValue(last, schema);
}

/** Repeated numbers may come packed into one value. */
function unpack(value: WireValue, schema: OpenApiSchema): WireValue[] {
  if (value.wire !== 2 || !["integer", "boolean"].includes(schema.type ?? "")) return [value];
  const numbers: WireValue[] = [];
  const reader = new WireReader(value.bytes);
  while (!reader.done) numbers.push({ wire: 0, number: reader.varint(), bytes: value.bytes });
  return numbers;
}

function decodeMap(entries: readonly WireValue[], schema: OpenApiSchema): JsonObject {
  const map: JsonObject = {};
  for (const { bytes } of entries) {
    const fields = groupFields(bytes);
    const value = fields.get(2)?.at(-1) ?? emptyValue;
    // A list as value of a map is a message with one repeated field.
    const inner = schema.type === "array" ? (groupFields(value.bytes).get(1) ?? []) : [value];
    setOwn(map, lastText(fields, 1), decodeField(inner, schema) ?? null);
  }
  return map;
}

const emptyValue: WireValue = { wire: 2, number: 0n, bytes: new Uint8Array() };

function decodeValue(value: WireValue, schema: OpenApiSchema): JsonValue {
  const name = referenceOf(schema);
  if (name !== undefined) return decodeReference(value, name);
  switch (schema.type) {
    case "boolean":
      return value.number !== 0n;
    case "integer":
      return signed(value.number);
    case "number":
      return Buffer.from(value.bytes).readDoubleLE(0);
    case "string":
      return schema.format === "byte" ? Buffer.from(value.bytes).toString("base64") : textOf(value);
    default:
      return textOf(value);
  }
}

/** Types whose JSON is not an object of their fields. */
function decodeReference(value: WireValue, name: string): JsonValue {
  const fields = (): Fields => groupFields(value.bytes);
  switch (name.slice(name.lastIndexOf(".") + 1)) {
    case "Quantity":
      return lastText(fields(), 1);
    case "IntOrString": {
      const parts = fields();
      return signed(parts.get(1)?.at(-1)?.number ?? 0n) === 1
        ? lastText(parts, 3)
        : signed(parts.get(2)?.at(-1)?.number ?? 0n);
    }
    case "Time":
    case "MicroTime":
      return decodeTime(fields(), name.endsWith("MicroTime"));
    case "FieldsV1":
    case "RawExtension":
    case "JSON":
      return JSON.parse(lastText(fields(), 1) || "null") as JsonValue;
    default:
      return decodeMessage(value.bytes, name);
  }
}

function decodeTime(fields: Fields, micro: boolean): JsonValue {
  if (fields.size === 0) return null;
  const seconds = Number(signed(fields.get(1)?.at(-1)?.number ?? 0n));
  const nanos = Number(signed(fields.get(2)?.at(-1)?.number ?? 0n));
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return micro ? `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, "0")}Z` : `${whole}Z`;
}

function groupFields(bytes: Uint8Array): Fields {
  const fields = new Map<number, WireValue[]>();
  const reader = new WireReader(bytes);
  while (!reader.done) {
    const { field, value } = reader.field();
    const list = fields.get(field);
    if (list === undefined) fields.set(field, [value]);
    else list.push(value);
  }
  return fields;
}

/** Reads the wire format (protobuf encoding guide). */
class WireReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#position >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#position++];
      if (byte === undefined) throw new ProtobufError("unexpected EOF");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError("integer overflow");
  }

  field(): { field: number; value: WireValue } {
    const key = Number(this.varint());
    const wire = key & 7;
    const field = key >>> 3;
    switch (wire) {
      case 0:
        return { field, value: { wire, number: this.varint(), bytes: new Uint8Array() } };
      case 1:
        return { field, value: { wire, number: 0n, bytes: this.#take(8) } };
      case 2:
        return { field, value: { wire, number: 0n, bytes: this.#take(Number(this.varint())) } };
      case 5:
        return { field, value: { wire, number: 0n, bytes: this.#take(4) } };
      default:
        throw new ProtobufError(`illegal wireType ${wire}`);
    }
  }

  #take(length: number): Uint8Array {
    const end = this.#position + length;
    if (end > this.#bytes.length) throw new ProtobufError("unexpected EOF");
    const part = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return part;
  }
}

function signed(value: bigint): number | bigint {
  const integer = BigInt.asIntN(64, value);
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

function textOf(value: WireValue): string {
  return Buffer.from(value.bytes).toString("utf8");
}

function lastBytes(fields: Fields, number: number): Uint8Array {
  return fields.get(number)?.at(-1)?.bytes ?? new Uint8Array();
}

function lastText(fields: Fields, number: number): string {
  return Buffer.from(lastBytes(fields, number)).toString("utf8");
}
