import { describe, expect, test } from "vitest";
import {
  define,
  fromJson,
  GoMap,
  map,
  packageFunctions,
  sprigFunctions,
  stringMap,
  Template,
  type TemplateData,
  TemplateError,
} from "./index.ts";

const functions = packageFunctions();

function render(text: string, data: TemplateData = {}): string {
  return new Template({ functions, missingKey: "error" }).parse("t", text).execute("t", data);
}

function errorOf(body: () => unknown): TemplateError {
  try {
    body();
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error("expected an error");
}

describe("a set of templates", () => {
  test("shares definitions and calls files by their path", () => {
    const set = new Template({ name: "pkg", functions })
      .parse("_helpers.gotmpl", '{{define "greet"}}hello {{.}}{{end}}')
      .parse("dir/a.gotmpl", '{{include "greet" .name | upper}}')
      .parse("b.gotmpl", '{{template "dir/a.gotmpl" .}}!');
    expect(set.execute("b.gotmpl", { name: "you" })).toBe("HELLO YOU!");
    expect(set.names()).toEqual(["greet", "_helpers.gotmpl", "dir/a.gotmpl", "b.gotmpl"]);
    expect(set.has("greet")).toBe(true);
  });

  test("lets a later file replace a definition, but not by white space", () => {
    const set = new Template()
      .parse("a", '{{define "x"}}1{{end}}')
      .parse("b", '{{define "x"}}2{{end}}')
      .parse("c", '{{define "x"}} \n {{end}}')
      .parse("main", '{{template "x"}}');
    expect(set.execute("main", null)).toBe("2");
  });

  test("shows changes of converted data to later executions", () => {
    const data = fromJson({ config: {} });
    const set = new Template({ functions, missingKey: "error" })
      .parse("a", '{{$_ := set .config "seen" true}}')
      .parse("b", "{{.config.seen}}");
    set.execute("a", data);
    expect(set.execute("b", data)).toBe("true");
  });

  test("keeps bytes that are no UTF-8", () => {
    const set = new Template().parse("t", Uint8Array.of(0x61, 0xff, 0x7b, 0x7b, 0x31, 0x7d, 0x7d));
    expect([...set.executeBytes("t", null)]).toEqual([0x61, 0xff, 0x31]);
    expect(set.execute("t", null)).toBe("a\ufffd1");
  });

  test("says which template does not exist", () => {
    const error = errorOf(() => new Template({ name: "pkg" }).execute("nope", null));
    expect(error.code).toBe("exec");
    expect(error.message).toBe('template: no template "nope" associated with template "pkg"');
  });

  test.for([
    ["default", "<no value>"],
    ["zero", "<no value>"],
  ] as const)("prints a missing key under %s", ([missingKey, text]) => {
    expect(new Template({ missingKey }).parse("t", "{{.a}}").execute("t", {})).toBe(text);
  });

  test("gives the zero value of a map of strings", () => {
    const data = map(new Map([["labels", stringMap()]]));
    expect(new Template({ missingKey: "zero" }).parse("t", "[{{.labels.a}}]").execute("t", data)).toBe("[]");
  });
});

describe("errors", () => {
  test("of parsing show ten characters of what stands in the way, broken ones by their bytes", () => {
    const text = Buffer.concat([Buffer.from('{{1"日本'), Buffer.of(0xe8, 0xaa), Buffer.from(' .objects"}}')]);
    const error = errorOf(() => new Template().parse("f", text));
    expect(error.message).toBe(String.raw`template: f:1: unexpected "\"日本\xe8\xaa .obj"... in operand`);
  });

  test("of parsing name the line", () => {
    const error = errorOf(() => new Template().parse("f", "a\n{{nofunc}}"));
    expect(error).toMatchObject({ code: "parse", templateName: "f", line: 2 });
    expect(error.message).toBe('template: f:2: function "nofunc" not defined');
  });

  test("of execution name line, column and node", () => {
    const error = errorOf(() => render("\nx {{.config.missing}}", { config: {} }));
    expect(error).toMatchObject({ code: "exec", templateName: "t", line: 2, column: 11 });
    expect(error.message).toBe(
      'template: t:2:11: executing "t" at <.config.missing>: map has no entry for key "missing"',
    );
  });

  test("of own functions are wrapped and kept as cause", () => {
    const cause = new Error("no such file");
    const open = define(["string"], () => {
      throw cause;
    });
    const error = errorOf(() =>
      new Template({ functions: { open } }).parse("t", '{{open "x"}}').execute("t", null),
    );
    expect(error.message).toBe(
      'template: t:1:2: executing "t" at <open "x">: error calling open: no such file',
    );
    expect(error.cause).toBe(cause);
  });
});

describe("own functions", () => {
  test("get arguments of their types and win over built-in ones", () => {
    const repeat = define(["int", "string"], ([count, text]) => text.repeat(count));
    const len = define(["interface {}"], () => "own");
    const set = new Template({ functions: { repeat, len } }).parse("t", '{{repeat 2 "ab"}} {{len 1}}');
    expect(set.execute("t", null)).toBe("abab own");
  });

  test("of the host's prototype do not exist", () => {
    expect(errorOf(() => new Template({ functions }).parse("t", "{{constructor}}")).code).toBe("parse");
    expect(errorOf(() => render("{{.constructor}}", { a: 1 })).message).toContain("map has no entry");
  });

  test("number as many as the operator offers", () => {
    expect(Object.keys(sprigFunctions()).length).toBe(164);
    expect(Object.keys(functions).length).toBe(168);
  });

  test("leave Go values in data alone", () => {
    expect(render('{{index .labels "a"}}|{{typeOf .labels}}', { labels: stringMap() })).toBe(
      "|map[string]string",
    );
    expect(fromJson({ a: [1, "é", undefined] })).toBeInstanceOf(GoMap);
  });
});

describe("limits", () => {
  const deep = `${"{{if true}}".repeat(5000)}${"{{end}}".repeat(5000)}`;
  test.for([
    ["nested actions", deep],
    ["too many nodes", "{{.}}".repeat(500_000)],
    ["a long loop", "{{range until 1000000}}{{range until 1000000}}{{end}}{{end}}"],
    ["a long range", "{{range 1000000000000}}{{end}}"],
    ["a large string", '{{repeat 1000000000 "x"}}'],
    ["a wide field", `{{printf "${"%1000000d".repeat(9)}" 1 1 1 1 1 1 1 1 1}}`],
    ["a value in itself", '{{$d := dict}}{{$_ := set $d "d" $d}}{{toJson $d}}'],
    ["shared values", `{{$x := list 1}}${"{{$x = list $x $x}}".repeat(60)}{{$x}}`],
    ["endless recursion", '{{define "a"}}{{template "a"}}{{end}}{{template "a"}}'],
    ["a slow expression", '{{regexMatch "(a*)*b" (repeat 8000000 "a")}}'],
  ] as const)("end %s", ([, text]) => {
    expect(errorOf(() => render(text)).code).toBe("limit");
  });

  test("can be set", () => {
    const set = new Template({ limits: { valueBytes: 3 } }).parse("t", "ab{{.}}");
    expect(set.execute("t", 1)).toBe("ab1");
    expect(errorOf(() => set.execute("t", 11)).code).toBe("limit");
  });

  test("end deep parentheses with Go's words", () => {
    const text = `{{${"(".repeat(20_000)}1${")".repeat(20_000)}}}`;
    expect(errorOf(() => render(text)).message).toBe("template: t:1: max expression depth exceeded");
  });
});
