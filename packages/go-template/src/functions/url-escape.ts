import type { ByteString } from "../text/byte-string.ts";

/** Percent-encodes every byte that `keep` does not match. */
export function percentEncode(text: ByteString, keep: RegExp): ByteString {
  return text.replaceAll(/[^]/g, (byte) => {
    if (keep.test(byte)) return byte;
    return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
}

/** `url.QueryEscape`: blanks become `+`. */
export function queryEscape(text: ByteString): ByteString {
  return percentEncode(text, /[A-Za-z0-9\-_.~ ]/).replaceAll(" ", "+");
}
