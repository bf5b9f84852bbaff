import { createHash } from "node:crypto";
import type { ByteString } from "../../text/byte-string.ts";
import { define, type FunctionMap } from "../function.ts";

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** What a decoder needs to know of its alphabet. */
interface Alphabet {
  readonly name: string;
  readonly digits: string;
  /** Digits of a full group. */
  readonly group: number;
  /** Numbers of digits with which a padded group may end. */
  readonly ends: readonly number[];
}

const base64Alphabet: Alphabet = { name: "base64", digits: base64, group: 4, ends: [2, 3] };
const base32Alphabet: Alphabet = { name: "base32", digits: base32, group: 8, ends: [2, 4, 5, 7] };

/** Position of the first mistake in padded text without line ends, or -1; the way Go's decoders count. */
function firstMistake(text: ByteString, { digits, group, ends }: Alphabet): number {
  for (let start = 0; start < text.length; start += group) {
    for (let i = start; i < start + group; i++) {
      const digit = text[i];
      if (digit === undefined) return start;
      if (digits.includes(digit)) continue;
      if (digit !== "=" || !ends.includes(i - start)) return i;
      for (let j = i; j < start + group; j++) {
        if (text[j] !== "=") return j;
      }
      return start + group < text.length ? start + group : -1;
    }
  }
  return -1;
}

/** Decodes, or throws Go's error with the byte at which the input goes wrong. */
export function decodeBase64(text: ByteString): ByteString {
  checkInput(text, base64Alphabet);
  return Buffer.from(text, "base64").toString("latin1");
}

function checkInput(text: ByteString, alphabet: Alphabet): void {
  const clean = text.replaceAll(/[\r\n]/g, "");
  const at = firstMistake(clean, alphabet);
  if (at < 0) return;
  throw new Error(`illegal ${alphabet.name} data at input byte ${at}`);
}

function encodeBase32(text: ByteString): ByteString {
  let out = "";
  for (let at = 0; at < text.length; at += 5) {
    const bytes = text.slice(at, at + 5);
    let bits = 0n;
    for (let i = 0; i < 5; i++) bits = (bits << 8n) | BigInt(i < bytes.length ? bytes.charCodeAt(i) : 0);
    const used = Math.ceil((bytes.length * 8) / 5);
    for (let i = 0; i < 8; i++) out += i < used ? base32[Number((bits >> BigInt(35 - 5 * i)) & 31n)] : "=";
  }
  return out;
}

function decodeBase32(text: ByteString): ByteString {
  checkInput(text, base32Alphabet);
  let out = "";
  let bits = 0;
  let count = 0;
  for (const digit of text.replaceAll(/[\r\n=]/g, "")) {
    bits = ((bits << 5) | base32.indexOf(digit)) & 0xfff;
    count += 5;
    if (count >= 8) {
      count -= 8;
      out += String.fromCharCode((bits >> count) & 0xff);
    }
  }
  return out;
}

/** sprig gives the text of a decoding error as value. */
function orMessage(decode: (text: ByteString) => ByteString): (text: ByteString) => ByteString {
  return (text) => {
    try {
      return decode(text);
    } catch (error) {
      return (error as Error).message;
    }
  };
}

const lenientBase64 = orMessage(decodeBase64);
const lenientBase32 = orMessage(decodeBase32);

function hash(algorithm: "sha1" | "sha256", text: ByteString): ByteString {
  return createHash(algorithm).update(text, "latin1").digest("hex");
}

function adler32(text: ByteString): number {
  let a = 1;
  let b = 0;
  for (let i = 0; i < text.length; i++) {
    a = (a + text.charCodeAt(i)) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

/** Base 64, base 32 and checksums. */
export const encodings: FunctionMap = {
  b64enc: define(["string"], ([text]) => Buffer.from(text, "latin1").toString("base64")),
  b64dec: define(["string"], ([text]) => lenientBase64(text)),
  b32enc: define(["string"], ([text]) => encodeBase32(text)),
  b32dec: define(["string"], ([text]) => lenientBase32(text)),
  sha1sum: define(["string"], ([text]) => hash("sha1", text)),
  sha256sum: define(["string"], ([text]) => hash("sha256", text)),
  adler32sum: define(["string"], ([text]) => String(adler32(text))),
};
