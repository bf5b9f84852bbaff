import { describe, expect, test } from "vitest";
import { packageFunctions, Template, type TemplateData } from "../index.ts";

const functions = packageFunctions();

function render(text: string, data: TemplateData = {}): string {
  return new Template({ functions, missingKey: "error" }).parse("t", text).execute("t", data);
}

function messageOf(text: string, data: TemplateData = {}): string {
  try {
    return render(text, data);
  } catch (error) {
    return (error as Error).message.replace(/^.*?>: (?:error calling \w+: )?/s, "");
  }
}

describe("results", () => {
  test.for([
    ['{{camelcase "HTTP_server-x"}} {{snakecase "HTTPServer20xOK"}}', "HttpServerX http_server_20x_ok"],
    ['{{snakecase "\\xff\\xfe"}}', "\ufffd\ufffd"],
    ["{{addf 0.1 0.2}} {{divf 1 3}} {{round -2.5 0}}", "0.3 0.3333333333333333 -3"],
    ['{{slice (fromJson "[1,2,3]") 1 4}}', "[2 3 <nil>]"],
    ['{{regexReplaceAll "a*" "baaac" "x"}} {{regexReplaceAll "(?P<n>b)" "abc" "<${n}>$1x"}}', "xbxcx a<b>c"],
    ['{{regexFindAll "é" "aéé" -1}}', "[é é]"],
    ['{{regexMatch "(?P<n>a)(?P<n>b)" "ab"}}', "true"],
    ['{{merge (dict "a" 0) (dict "a" false) | toJson}}', '{"a":false}'],
    ['{{mergeOverwrite (dict "a" (dict "x" 1)) (dict "a" "s" "b" nil) | toJson}}', '{"a":"s","b":null}'],
    ["{{chunk 2 (list 1 2 3)}} {{rest (list)}} {{concat | toJson}}", "[[1 2] [3]] [] null"],
    ['{{semverCompare ">=1.27" "1.29.5-eks"}} {{semverCompare "^0.2 || 1.x" "1.9.0"}}', "false true"],
    ['{{(semver "v1.2.3-a").IncPatch.Prerelease}}{{(semver "v1").Original}}', "v1"],
    ['{{urlParse "http://u:p@h:80/a%20b?q#f" | urlJoin}}', "http://u:p@h:80/a%20b?q#f"],
    ['{{b32dec (b32enc "héllo")}} {{b64dec "x"}}', "héllo illegal base64 data at input byte 0"],
    ["{{seq 3}} {{seq 2 2 6}} {{seq 2 0}} {{seq 4 9223372036854775807}}", "1 2 3 2 4 6 2 1 0 "],
    ['{{toYAML (dict "b10" 1 "b9" "y")}}', 'b9: "y"\nb10: 1'],
    ['{{fromYAML "n: 1" | toJson}} {{b64decMap (dict "a" "YWJj" "n" 1)}}', '{"false":1} map[a:abc]'],
  ] as const)("%s", ([text, expected]) => {
    expect(render(text)).toBe(expected);
  });
});

describe("bad input", () => {
  test.for([
    ["{{div 1 0}}", "runtime error: integer divide by zero"],
    ["{{divf 1 0}}", "decimal division by 0"],
    ['{{addf 1 (float64 "inf")}}', "Cannot create a Decimal from +Inf"],
    ['{{repeat -1 "a"}}', "strings: negative Repeat count"],
    ['{{substr 3 2 "abcd"}}', "runtime error: slice bounds out of range [3:2]"],
    ["{{chunk 0 (list 1)}}", "runtime error: makeslice: len out of range"],
    ["{{first nil}}", "runtime error: invalid memory address or nil pointer dereference"],
    ['{{first "a"}}', "Cannot find first on type string"],
    [
      '{{dig "a" "b" "x" (dict "a" 1)}}',
      "interface conversion: interface {} is int, not map[string]interface {}",
    ],
    ['{{dig "a" 1}}', "dig needs at least three arguments"],
    ['{{set nil "a" 1}}', "assignment to entry in nil map"],
    ['{{mustFromJson "{\\"a\\" 1}"}}', "invalid character '1' after object key"],
    ['{{mustFromJson "fal"}}', "invalid character ' ' in literal false (expecting 's')"],
    ['{{mustToJson (float64 "nan")}}', "json: unsupported value: NaN"],
    ['{{semver "1.2.3-01"}}', "version segment starts with 0"],
    ['{{semverCompare "" "1.0.0"}}', 'improper constraint: ""'],
    ['{{regexFind "(" "a"}}', "regexp: Compile(`(`): error parsing regexp: missing closing ): `(`"],
    ['{{mustRegexFind "\\\\" "a"}}', "error parsing regexp: trailing backslash at end of expression: ``"],
    [
      '{{urlParse "http://[::g]/"}}',
      'unable to parse url: parse "http://[::g]/": invalid host: ParseAddr("::g"): each colon-separated field must have at least one digit (at "g")',
    ],
    ['{{urlJoin (dict "host" 1)}}', "unable to parse host key, must be of type string, but int found"],
    ['{{b64decMap (dict "k" "?")}}', "decode base64 value at key k: illegal base64 data at input byte 0"],
    ["{{fromYAML 1}}", "fromYAML requires string or []byte as input: invalid type"],
    ["{{toYAML 1i}}", "error marshaling into JSON: json: unsupported type: complex128"],
    ['{{mustMerge (dict "a" (semver "1")) (dict "a" (dict "b" 1))}}', "src and dst must be of same type"],
  ] as const)("%s", ([text, message]) => {
    expect(messageOf(text)).toBe(message);
  });
});
