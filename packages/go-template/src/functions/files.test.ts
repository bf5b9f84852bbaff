import { expect, test } from "vitest";
import { fileFunctions, packageFunctions, Template } from "../index.ts";

function render(text: string, files: Map<string, string | Uint8Array>): string {
  const functions = { ...packageFunctions(), ...fileFunctions(files) };
  return new Template({ functions }).parse("t", text).execute("t", null);
}

const files = new Map<string, string | Uint8Array>([
  ["b.ini", "B"],
  ["a.ini", "Ä"],
  ["dir/c.ini", Uint8Array.of(0xff)],
]);

test("a file by its path", () => {
  expect(render('{{getFile "a.ini"}}', files)).toBe("Ä");
  expect(render('{{getFile "dir/c.ini" | len}}', files)).toBe("1");
});

test("an absent file", () => {
  expect(() => render('{{getFile "x"}}', files)).toThrow(/error calling getFile: file not found$/);
});

test("files of a pattern, in order", () => {
  expect(render('{{range $p, $c := getFileGlob "*.ini"}}{{$p}}={{$c}};{{end}}', files)).toBe(
    "a.ini=Ä;b.ini=B;",
  );
  expect(render('{{getFileGlob "*.md"}}', files)).toBe("map[]");
});

test("a malformed pattern", () => {
  expect(() => render('{{getFileGlob "["}}', files)).toThrow(
    /error calling getFileGlob: unexpected end of input$/,
  );
});
