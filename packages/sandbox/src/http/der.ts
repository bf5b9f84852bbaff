/** ASN.1 tags that certificates use. */
const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
} as const;

/** One DER element: tag, length, contents (ITU-T X.690). */
export function element(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

/** SEQUENCE of the given elements. */
export function sequence(...contents: Uint8Array[]): Buffer {
  return element(tags.sequence, ...contents);
}

/** SET of the given elements; the caller keeps the order DER wants. */
export function set(...contents: Uint8Array[]): Buffer {
  return element(tags.set, ...contents);
}

/** Non-negative INTEGER from big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.from([0]) : Buffer.from(bytes.subarray(first));
  const signed = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits;
  return element(tags.integer, signed);
}

/** BOOLEAN TRUE. */
export const truth: Buffer = Buffer.from([0x01, 0x01, 0xff]);

/** BIT STRING of whole bytes, or with `unused` bits at the end. */
export function bitString(bytes: Uint8Array, unused = 0): Buffer {
  return element(tags.bitString, Buffer.from([unused]), bytes);
}

/** OCTET STRING. */
export function octetString(bytes: Uint8Array): Buffer {
  return element(tags.octetString, bytes);
}

/** UTF8String. */
export function utf8String(text: string): Buffer {
  return element(tags.utf8String, Buffer.from(text));
}

/** UTCTime, for years before 2050 (RFC 5280 section 4.1.2.5). */
export function utcTime(time: Date): Buffer {
  const digits = time
    .toISOString()
    .replaceAll(/[-:T]|\.\d+/g, "")
    .slice(2);
  return element(tags.utcTime, Buffer.from(digits));
}

/** OBJECT IDENTIFIER from its dotted text. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest.flatMap(base128)];
  return element(tags.objectIdentifier, Buffer.from(bytes));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}
