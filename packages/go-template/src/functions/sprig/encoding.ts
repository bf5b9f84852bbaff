import { createHash } from "node:crypto";
import type { ByteString } from "../../text/byte-string.ts";
import { define, type FunctionMap } from "../function.ts";

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const base64Digit = /[A-Za-z0-9+/]/;

/** Position after any line ends at `at`, which decoders skip. */
function afterLineEnds(text: ByteString, at: number): number {
  let next = at;
  while (text[next] === "\n" || text[next] === "\r") next++;
  return next;
}

/** Where Go finds a mistake in the padding that begins before `at`, or -1. */
function paddingMistake(text: ByteString, at: number, digitsBefore: number): number {
  let next = at;
  if (digitsBefore < 2) return at - 1;
  if (digitsBefore === 2) {
    next = afterLineEnds(text, at);
    if (next === text.length) return next;
    if (text[next] !== "=") return next - 1;
    next = afterLineEnds(text, next + 1);
  } else {
    next = afterLineEnds(text, at);
  }
  return next < text.length ? next : -1;
}

/** Position of the first mistake in base 64, or -1, counted as Go's decoder does. */
function base64Mistake(text: ByteString): number {
  let inGroup = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text[at] ?? "";
    if (digit === "\n" || digit === "\r") continue;
    if (digit === "=") return paddingMistake(text, at + 1, inGroup);
    if (!base64Digit.test(digit)) return at;
    inGroup = (inGroup + 1) % 4;
  }
  return inGroup === 0 ? -1 : text.length - inGroup;
}

/** Decodes base 64, or throws Go's error with the byte at which the input goes wrong. */
export function decodeBase64(text: ByteString): ByteString {
  const at = base64Mistake(text);
  if (at >= 0) throw new Error(`illegal base64 data at input byte ${at}`);
  return Buffer.from(text, "base64").toString("latin1");
}

/** Position of the first mistake in base 32 without line ends, or -1, counted as Go's decoder does. */
function base32Mistake(text: ByteString): number {
  for (let start = 0; start < text.length; start += 8) {
    for (let i = 0; i < 8; i++) {
      const at = start + i;
      if (at >= text.length) return text.length - i;
      if (text[at] === "=" && i >= 2 && text.length - at <= 8) {
        if (text.length - at < 8 - i) return text.length;
        const wrong = /[^=]/.exec(text.slice(at + 1, start + 8));
        if (wrong !== null) return at + wrong.index;
        return i === 3 || i === 6 ? at : -1;
      }
      if (!base32.includes(text[at] ?? "")) return at;
    }
  }
  return -1;
}

function encodeBase32(text: ByteString): ByteString {
  const out = Buffer.alloc(Math.ceil(text.length / 5) * 8, "=");
  let used = 0;
  let bits = 0;
  let count = 0;
  const put = (digit: number): void => {
    out[used++] = base32.charCodeAt(digit & 31);
  };
  for (let i = 0; i < text.length; i++) {
    bits = ((bits << 8) | text.charCodeAt(i)) & 0xfff;
    for (count += 8; count >= 5; count -= 5) put(bits >> (count - 5));
  }
  if (count > 0) put(bits << (5 - count));
  return out.toString("latin1");
}

function decodeBase32(text: ByteString): ByteString {
  const clean = text.replaceAll(/[\r\n]/g, "");
  const at = base32Mistake(clean);
  if (at >= 0) throw new Error(`illegal base32 data at input byte ${at}`);
  const padding = clean.indexOf("=");
  const digits = padding < 0 ? clean : clean.slice(0, padding);
  const out = Buffer.alloc(Math.floor((digits.length * 5) / 8));
  let used = 0;
  let bits = 0;
  let count = 0;
  for (let i = 0; i < digits.length; i++) {
    bits = ((bits << 5) | base32.indexOf(digits[i] ?? "")) & 0xfff;
    count += 5;
    if (count >= 8) {
      count -= 8;
      out[used++] = bits >> count;
    }
  }
  return out.toString("latin1");
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
