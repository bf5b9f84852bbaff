import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeText,
  encodeText,
  fromBytes,
  fromRunes,
  replaceRunes,
  runeCount,
  runesOf,
  toBytes,
} from "./byte-string.ts";
import { quote, unquote } from "./quote.ts";

const wellFormed = fc.string({ unit: "grapheme" });
const bytes = fc.uint8Array().map(fromBytes);

test("text survives", () => {
  fc.assert(
    fc.property(wellFormed, (text) => {
      expect(decodeText(encodeText(text))).toBe(text);
      expect(fromRunes(runesOf(encodeText(text)))).toBe(encodeText(text));
      expect(runeCount(encodeText(text))).toBe(Array.from(text).length);
    }),
  );
});

test("bytes survive", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (array) => {
      expect(toBytes(fromBytes(array))).toEqual(Buffer.from(array));
    }),
  );
});

test("every invalid byte is a replacement character", () => {
  expect(decodeText("a\xe2\x80b\xff")).toBe("a\ufffd\ufffdb\ufffd");
  expect(runesOf("\xed\xa0\x80")).toEqual([0xfffd, 0xfffd, 0xfffd]);
});

test("quoting can be undone, but for invalid bytes outside of escapes", () => {
  fc.assert(
    fc.property(bytes, (text) => {
      expect(unquote(quote(text))).toBe(text);
      expect(unquote(quote(text, { ascii: true }))).toBe(text);
    }),
  );
});

test("runs of characters are replaced one by one", () => {
  const shown = replaceRunes(encodeText("aéß"), /[\x80-\xff]+/g, (rune) => `<${rune}>`);
  expect(shown).toBe("a<233><223>");
});
