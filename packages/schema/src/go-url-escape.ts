import { goQuote } from "./go-quote.ts";

/** A text that Go's `net/url` refuses; `message` is Go's reason. */
export class UrlError extends Error {
  override readonly name = "UrlError";
}

/** The parts of a URL that differ in what need not be escaped. */
export type UrlPart = "host" | "zone" | "path" | "user" | "query";

const hostChars = /[A-Za-z0-9!"$&'()*+,\-.:;<=>[\]_~]/;
/** What stands for itself in each part. */
const plain: Readonly<Record<UrlPart, RegExp>> = {
  host: hostChars,
  zone: hostChars,
  path: /[A-Za-z0-9$&+,\-./:;=@_~]/,
  user: /[A-Za-z0-9$&+,\-.;=_~]/,
  query: /[A-Za-z0-9\-._~]/,
};

/**
 * Decodes `%` escapes.
 *
 * @throws UrlError for malformed escapes, and in hosts for characters and escapes that may not stand there.
 */
export function unescapeUrl(text: string, part: UrlPart): string {
  const isHost = part === "host" || part === "zone";
  for (const match of text.matchAll(/%[^]{0,2}|[^%]/gu)) {
    const [found] = match;
    if (found.startsWith("%")) checkEscape(found, part);
    else if (isHost && found < "\u0080" && !plain[part].test(found)) {
      throw new UrlError(`invalid character ${goQuote(found)} in host name`);
    }
  }
  const spaced = part === "query" ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  const bytes = spaced.split(/(%[0-9A-Fa-f]{2})/).map((piece, index) => {
    return index % 2 === 0 ? Buffer.from(piece) : Buffer.from(piece.slice(1), "hex");
  });
  return Buffer.concat(bytes).toString("utf8");
}

function checkEscape(escape: string, part: UrlPart): void {
  const bad = new UrlError(`invalid URL escape ${goQuote(escape)}`);
  if (!/^%[0-9A-Fa-f]{2}$/.test(escape)) throw bad;
  if (escape === "%25") return;
  const byte = Number.parseInt(escape.slice(1), 16);
  // Hosts may escape only what is not ASCII, zones what they could hold anyway.
  if (part === "host" && byte < 0x80) throw bad;
  const char = String.fromCharCode(byte);
  if (part === "zone" && char !== " " && !(byte < 0x80 && plain.host.test(char))) throw bad;
}

/** Escapes what may not stand for itself in a part of a URL. */
export function escapeUrl(text: string, part: UrlPart): string {
  return Array.from(Buffer.from(text), (byte) => {
    const char = String.fromCharCode(byte);
    if (byte < 0x80 && plain[part].test(char)) return char;
    return part === "query" && char === " " ? "+" : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
