import type { ByteString } from "../text/byte-string.ts";

/** Percent-encodes every byte that `special` (global) matches. */
export function percentEncode(text: ByteString, special: RegExp): ByteString {
  return text.replaceAll(
    special,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/** `url.QueryEscape`: blanks become `+`. */
export function queryEscape(text: ByteString): ByteString {
  return percentEncode(text, /[^A-Za-z0-9\-_.~ ]/g).replaceAll(" ", "+");
}
