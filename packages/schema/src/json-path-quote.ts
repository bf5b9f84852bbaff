const simple: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** The content of a quoted text with Go's escapes; undefined when one is malformed. */
export function unquote(quoted: string): string | undefined {
  const quote = quoted.slice(0, 1);
  let malformed = false;
  const text = quoted
    .slice(1, -1)
    .replaceAll(
      /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.?))/gs,
      (...match) => {
        const [, two, four, eight, octal, char] = match as (string | undefined)[];
        const hex = two ?? four ?? eight;
        const code = hex === undefined ? Number.parseInt(octal ?? "", 8) : Number.parseInt(hex, 16);
        if (code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) return String.fromCodePoint(code);
        const plain = char === quote ? quote : simple[char ?? ""];
        malformed ||= plain === undefined;
        return plain ?? "";
      },
    );
  return malformed ? undefined : text;
}
