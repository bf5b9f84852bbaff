const simple: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
  "?": 63,
  '"': 34,
  "'": 39,
  "`": 96,
};
const escape =
  /\\(?:([abfnrtv\\?"'`])|[xX]([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;

/** Whether a literal is raw, and whether it is bytes, in which `\x` and octal escapes are single bytes. */
export interface LiteralForm {
  readonly raw: boolean;
  readonly bytes: boolean;
}

/** A literal of the right form that means nothing, such as half of a surrogate pair. */
export class EscapeError extends Error {
  override readonly name = "EscapeError";
}

/**
 * The content of a string or bytes literal, with every end of line as `\n`; undefined when an escape is malformed.
 *
 * @throws EscapeError with cel-go's text.
 */
export function readEscapes(text: string, form: LiteralForm): string | Uint8Array | undefined {
  const body = text.replaceAll(/\r\n?/g, "\n");
  if (form.raw) return form.bytes ? new Uint8Array(Buffer.from(body)) : body;
  const parts: (string | number)[] = [];
  for (let index = 0; index < body.length;) {
    if (body[index] !== "\\") {
      const next = body.indexOf("\\", index);
      const end = next < 0 ? body.length : next;
      parts.push(body.slice(index, end));
      index = end;
      continue;
    }
    escape.lastIndex = index;
    const match = escape.exec(body);
    if (match === null) return undefined;
    parts.push(decode(match, form));
    index += match[0].length;
  }
  if (!form.bytes) return parts.join("");
  const chunks = parts.map((part) => (typeof part === "number" ? Buffer.of(part) : Buffer.from(part)));
  return new Uint8Array(Buffer.concat(chunks));
}

function decode(match: RegExpExecArray, form: LiteralForm): string | number {
  const [, short, hex, octal, four, eight] = match;
  if (short !== undefined) return String.fromCodePoint(simple[short]!);
  const unicode = four ?? eight;
  if (unicode !== undefined) {
    const code = Number.parseInt(unicode, 16);
    if (form.bytes) throw new EscapeError("unable to unescape string");
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
      throw new EscapeError("invalid unicode code point");
    }
    return String.fromCodePoint(code);
  }
  const value = hex === undefined ? Number.parseInt(octal!, 8) : Number.parseInt(hex, 16);
  return form.bytes ? value : String.fromCodePoint(value);
}
