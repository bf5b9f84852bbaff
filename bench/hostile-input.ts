// Time and memory until hostile input ends: texts of 10 MB, and short ones that ask for much. A process for each.
// usage: node scripts/run.mjs bench/hostile-input.ts [NAME]
import { execFileSync } from "node:child_process";
import { packageFunctions, Template, TemplateError } from "@package-operator/go-template";
import { decodeYaml, parseJson, YamlError } from "@package-operator/kube-yaml";

const size = 10_000_000;
const fill = (piece: string): string => piece.repeat(Math.floor(size / piece.length));
const within = (before: string, piece: string, after: string): string => `${before}${fill(piece)}${after}`;

/** A value that doubles with every action. */
const doubled = (start: string, step: string, use: string, times = 60): string =>
  `{{$x := ${start}}}${`{{$x = ${step}}}`.repeat(times)}{{${use}}}`;
const tree = (use: string): string => doubled("dict", 'dict "a" $x "b" $x', use);
const cycle = (use: string): string => `{{$d := dict}}{{$_ := set $d "d" $d}}{{${use}}}`;

const templates: Readonly<Record<string, () => string>> = {
  "open delimiters": () => fill("{{"),
  fields: () => fill("{{.}}"),
  parentheses: () => within("{{", "(", "}}"),
  "open conditions": () => fill("{{if true}}"),
  ends: () => fill("{{end}}"),
  "else chain": () => within("{{if false}}", "{{else if false}}x", "{{end}}"),
  variables: () => fill("{{$a:=1}}"),
  digits: () => within("{{", "9", "}}"),
  "digits of a fraction": () => within("{{1.", "9", "e5}}"),
  "a string": () => within('{{"', "a\\n", '"}}'),
  "an identifier": () => within("{{", "a", "}}"),
  spaces: () => within("{{", " ", "}}"),
  text: () => fill("hello world\n"),
  "trimmed actions": () => fill(" {{- 1 -}} "),
  comments: () => fill("{{/* x */}}"),
  "an open comment": () => within("{{/*", "x", ""),
  pipes: () => within("{{1", "|print", "}}"),
  arguments: () => within("{{print", " 1", "}}"),
  "a chain of fields": () => within("{{(1)", ".a", "}}"),
  repeat: () => '{{repeat 1000000000 "x"}}',
  until: () => "{{until 1000000000}}",
  loops: () => "{{range until 100000}}{{range until 100000}}{{end}}{{end}}",
  "a loop over an integer": () => "{{range 1000000000000}}{{end}}",
  "wide verbs": () => `{{printf "${"%1000000d".repeat(1000)}" ${"1 ".repeat(1000)}}}`,
  "a tree, printed": () => tree("$x"),
  "a tree, as JSON": () => tree("toJson $x"),
  "a tree, copied": () => tree("deepCopy $x"),
  "a tree, compared": () => tree("deepEqual $x (deepCopy $x)"),
  "a tree, as YAML": () => doubled("list 1", "list $x $x", "toYAML $x"),
  "a cycle, printed": () => cycle("$d"),
  "a cycle, as JSON": () => cycle("toJson $d"),
  "a cycle, as YAML": () => cycle("toYAML $d"),
  "a cycle, merged": () => cycle("merge $d $d"),
  "a string that doubles": () => doubled('"0123456789"', "print $x $x", "$x"),
  "quotes that double": () => doubled('"\\x00"', "quote $x $x", "$x"),
  "a list that doubles": () => doubled("list 1", "concat $x $x", "len $x"),
  replacements: () => '{{$x := repeat 8000000 "a"}}{{replace "a" $x $x}}',
  indentation: () => '{{$x := repeat 1000000 "\\n"}}{{indent 1000000 $x}}',
  "unique items": () => "{{uniq (until 100000)}}",
  "short lines": () => '{{wrap 1 (repeat 4000000 "a ")}}',
  "a stubborn expression": () => '{{regexMatch "(a*)*b" (repeat 8000000 "a")}}',
  "an expression that counts": () => '{{regexMatch "((a{0,100}){0,100}){0,10}" "a"}}',
  "an expression of groups": () => '{{regexMatch (repeat 60000 "(a|") "a"}}',
  "matches of nothing": () => '{{regexSplit "" (repeat 4000000 "é") -1 | len}}',
  "a template in itself": () => '{{define "a"}}{{template "a"}}{{end}}{{template "a"}}',
  "an include in itself": () => '{{define "a"}}{{include "a" .}}{{end}}{{include "a" .}}',
  "includes that double": () =>
    `{{define "a"}}{{if gt . 0}}${'{{include "a" (int (sub . 1))}}'.repeat(2)}{{end}}{{end}}{{include "a" 60}}`,
  "deep JSON": () => '{{fromJson (repeat 4000000 "[1")}}',
  "deep YAML": () => '{{fromYAML (repeat 4000000 "[")}}',
  "a path upwards": () => '{{clean (repeat 2000000 "../") | len}}',
};

const aliases = (levels: number, step: (name: string) => string): string =>
  Array.from({ length: levels }, (_, level) => `k${level + 1}: &a${level + 1} ${step(`*a${level}`)}\n`).join(
    "",
  );

const documents: Readonly<Record<string, () => string>> = {
  "aliases of lists": () => `k0: &a0 [x]\n${aliases(40, (name) => `[${name},${name}]`)}`,
  "aliases of mappings": () => `k0: &a0 {x: y}\n${aliases(40, (name) => `{a: ${name}, b: ${name}}`)}`,
  merges: () => `k0: &a0 {x: y}\n${aliases(100_000, (name) => `{<<: ${name}}`)}`,
  "merges of lists": () => `a: &a {x: y}\nb:\n  <<: [${fill("*a,")}*a]\n`,
  anchors: () => fill("- &a x\n"),
  "open brackets": () => fill("["),
  "open braces": () => fill("{"),
  "open braces with keys": () => fill("{a: "),
  "blocks in blocks": () => fill("- "),
  "keys in keys": () => fill("? "),
  indentation: () => Array.from({ length: 4400 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join(""),
  items: () => fill("- a\n"),
  "flow items": () => within("[", "a,", "a]"),
  "empty flow items": () => within("[", ",", "]"),
  pairs: () => Array.from({ length: 700_000 }, (_, index) => `k${index}: v\n`).join(""),
  "the same pair": () => fill("a: b\n"),
  "a plain text": () => fill("a "),
  "plain lines": () => fill("a\n"),
  "an open quote": () => within('"', "a", ""),
  "an open single quote": () => within("'", "a ", ""),
  escapes: () => within('"', "\\u0041", '"'),
  "line breaks in quotes": () => within('"', "a\n", '"'),
  "a block text": () => within("|\n", " a\n", ""),
  "a folded text": () => within(">\n", " a\n\n", ""),
  "blank lines in quotes": () => within('"a', "\n", '"'),
  "blank lines in a plain text": () => within("a", "\n", "b"),
  "blank lines": () => within("a: |\n", "\n", "  b\n"),
  digits: () => fill("9"),
  "digits and underscores": () => within("1", "_", "1"),
  "a fraction": () => within("1.", "9", "e-5"),
  comments: () => fill("# x\n"),
  directives: () => fill("%A b\n"),
  documents: () => fill("---\n"),
  tags: () => fill("!a "),
  "a tag": () => within("!", "a", " b"),
  "an alias": () => within("*", "a", ""),
  colons: () => fill(":"),
  "colons and spaces": () => fill(": "),
  "a key that never ends": () => within("", "a", ": b"),
  tabs: () => fill("\t"),
  spaces: () => fill(" "),
  "carriage returns": () => fill("\r"),
  zeros: () => fill("\0"),
  base64: () => within("!!binary ", "QUJD", ""),
};

const jsons: Readonly<Record<string, () => string>> = {
  "an open string": () => within('{"a": "', "a", ""),
  "escapes in an open string": () => within('"', "\\n", ""),
  "an open string with a line break": () => within('["', "a", '\n"]'),
  "open brackets": () => fill("["),
  "open braces": () => fill('{"a":'),
  digits: () => fill("9"),
  blanks: () => fill(" "),
};

function renderTemplate(text: string): void {
  new Template({ functions: packageFunctions(), missingKey: "error" }).parse("t", text).execute("t", null);
}

const cases: Readonly<
  Record<string, { readonly text: () => string; readonly read: (text: string) => void }>
> = {
  ...Object.fromEntries(
    Object.entries(templates).map(([name, text]) => [`template: ${name}`, { text, read: renderTemplate }]),
  ),
  ...Object.fromEntries(
    Object.entries(jsons).map(([name, text]) => [
      `JSON: ${name}`,
      { text, read: (of: string) => void parseJson(of) },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(documents).map(([name, text]) => [
      `YAML: ${name}`,
      { text, read: (of: string) => void decodeYaml(of) },
    ]),
  ),
};

interface Outcome {
  readonly ended: string;
  readonly seconds: number;
  readonly megabytes: number;
}

/** Reads one hostile text; memory is the peak above what the process had with the text in it. */
function readOne(name: string): Outcome {
  const { text, read } = cases[name]!;
  const input = text();
  const before = process.memoryUsage().rss;
  const start = process.hrtime.bigint();
  let ended = "read";
  try {
    read(input);
  } catch (error) {
    if (!(error instanceof TemplateError || error instanceof YamlError)) throw error;
    ended = error.code;
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  return { ended, seconds, megabytes: Math.max(0, process.resourceUsage().maxRSS * 1024 - before) / 1e6 };
}

const [wanted, mark] = process.argv.slice(2);
if (wanted !== undefined && !(wanted in cases)) throw new Error(`no input is named ${wanted}`);
if (wanted !== undefined && mark === "--here") {
  process.stdout.write(JSON.stringify(readOne(wanted)));
} else {
  const names = wanted === undefined ? Object.keys(cases) : [wanted];
  const outcomes = names.map((name) => {
    const printed = execFileSync(process.execPath, [process.argv[1]!, name, "--here"], { encoding: "utf8" });
    const outcome = JSON.parse(printed) as Outcome;
    const { seconds, megabytes, ended } = outcome;
    const figures = `${seconds.toFixed(2).padStart(6)} s ${megabytes.toFixed(0).padStart(5)} MB`;
    process.stdout.write(`${name.padEnd(40)} ${figures}  ${ended}\n`);
    return outcome;
  });
  const worst = (of: "seconds" | "megabytes"): number => Math.max(...outcomes.map((outcome) => outcome[of]));
  if (wanted === undefined) {
    const most = `${worst("seconds").toFixed(2)} s and ${worst("megabytes").toFixed(0)} MB`;
    process.stdout.write(`${outcomes.length} inputs, at most ${most} each\n`);
  }
}
