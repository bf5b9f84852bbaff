import { describe, expect, test } from "vitest";
import { createConditionEnvironment } from "../condition-environment.ts";
import { compileProbeRule } from "../probe-rule.ts";

// What cel-go 0.31 answers: the result, or the errors as `line:column message` without the marks below them.
const conditions: Record<string, [expression: string, answer: boolean | string][]> = {
  "every mistake is told": [
    ["loop == 1 || var", "1:1 reserved identifier: loop|1:14 reserved identifier: var"],
    ["has(var)", "1:5 reserved identifier: var|1:5 invalid argument to has() macro"],
    ["[18446744073709551616u, 9223372036854775808]", "1:2 invalid uint literal|1:25 invalid int literal"],
    ["b'\\u00e9' == '\\ud800'", "1:1 unable to unescape string|1:14 invalid unicode code point"],
    ["[?1] == [{?2: var}]", "1:2 unsupported syntax '?'|1:11 unsupported syntax '?'"],
    ["config[?'a']", "1:7 unsupported syntax '[?'"],
    [
      "[1].map(a.b, 1) == [1].all(2, true)",
      "1:10 argument is not an identifier|1:28 argument must be a simple name",
    ],
  ],
  "places and names": [
    [".nope.x", "1:2 undeclared reference to '.nope' (in container '')"],
    [
      "(-0.1).all(x, true)",
      "1:2 expression of type 'double' cannot be range of a comprehension (must be list, map, or dynamic)",
    ],
    ["- -9223372036854775808 == 1", "1:4 invalid int literal"],
    ["a.b {}", "1:5 undeclared reference to 'a.b' (in container '')"],
    ["[,] == [] && {,} == {} && [1,] == [1]", true],
    ["(".repeat(250) + "true" + ")".repeat(250), "-1:0 expression recursion limit exceeded: 250"],
    ["1" + "+1".repeat(251) + " == 1", "-1:0 max recursion depth exceeded"],
  ],
  "types of macros": [
    ["[1].exists_one(x, x)", "1:15 found no matching overload for '_?_:_' applied to '(int, int, int)'"],
    [
      "['a'].filter(x, x) == []",
      "1:13 found no matching overload for '_?_:_' applied to '(string, list(string), list(string))'",
    ],
    ["[{}].exists(x, x)", "1:16 expected type 'bool' but found 'map(_var0, _var1)'"],
    ["true || []", "1:9 expected type 'bool' but found 'list(_var0)'"],
  ],
  types: [
    ["0x1Fu > 1.5", "1:7 found no matching overload for '_>_' applied to '(uint, double)'"],
    ["dyn(2u) > 1.5", true],
    ["bool(type)", "1:5 found no matching overload for 'bool' applied to '(type(type))'"],
    [
      "bool({config.a: 1, dyn(1): 2})",
      "1:5 found no matching overload for 'bool' applied to '(map(any, int))'",
    ],
    [
      "[null].all(x, x.a ? x : true)",
      "1:16 type 'null' does not support field selection|1:19 found no matching overload for '_?_:_' applied to '(dyn, null, bool)'",
    ],
    ["google.protobuf.Any", "program construction error: reference to undefined type: google.protobuf.Any"],
    [
      "google.protobuf.Int64Value == null",
      "1:28 found no matching overload for '_==_' applied to '(type(wrapper(int)), null)'",
    ],
  ],
  "failing operators": [
    ["-dyn('a') == 1", "no such overload"],
    ["-dyn([1]) == 1", "no such overload: -_"],
    ["-dyn(duration('1s')) == duration('-1s')", true],
    ["!dyn(b'a')", "no such overload"],
    ["dyn(timestamp(0)) % dyn('a') == 1", "no such overload"],
    ["dyn(b'a') % dyn('a') == 1", "no such overload: _%_"],
    ["dyn({}).endsWith(dyn(1))", "no such overload"],
    ["dyn(1).getHours(dyn(null)) == 1", "no such overload: getHours(int, null_type)"],
    ["dyn(false) <= dyn(double('NaN'))", false],
    ["dyn(null) <= dyn(double('NaN'))", "no such overload: _<=_"],
    ["dyn(null).all(x, x)", "got 'types.Null', expected iterable type"],
    ["timestamp('0001-01-01T00:00:00Z') - timestamp(0) == duration('1s')", "integer overflow"],
  ],
  indexes: [
    ["dyn(42u)[dyn(3)] == 1", "no such key: 3"],
    ["dyn([1])[18446744073709551615u] == 1", "unsupported index value 18446744073709551615 in list"],
    ["dyn([1])[9223372036854775807] == 1", "index out of bounds: 9223372036854775807"],
    ["dyn({})[dyn(timestamp(0))] == 1", "invalid qualifier type: types.Timestamp"],
    ["dyn({})[null] == 1", "program construction error: invalid qualifier type: types.Null"],
    ["{1: 'i', 1u: 'u'}.size() == 2 && {1u: 'u'}[dyn(1)] == 'u' && !(dyn(1) in {1.0: 'd'})", true],
    ["dyn([1]).size == 1", "unsupported index type 'string' in list"],
  ],
  times: [
    [
      "timestamp('2024-01-01T24:00:00Z') == timestamp(0)",
      'invalid RFC 3339 timestamp "2024-01-01T24:00:00Z"',
    ],
    [
      "timestamp('2024-06-30T23:59:60Z') == timestamp(0)",
      "type conversion error from 'string' to 'google.protobuf.Timestamp'",
    ],
    ["timestamp(0).getHours('+aa:00') == 1", 'strconv.Atoi: parsing "+aa": invalid syntax'],
    ["timestamp(0).getHours('+25:00') == 1", "timezone offset hours out of range [-23, 23]: +25:00"],
    ["timestamp(0).getHours('1:2:3') == 1", 'strconv.Atoi: parsing "2:3": invalid syntax'],
    ["timestamp(0).getHours('2:00') == 2", true],
  ],
};

const rules: Record<string, [rule: string, answer: boolean | string][]> = {
  "literals of one type": [
    ["[1, 'a'] == [] || nope", "1:19 undeclared reference to 'nope' (in container '')"],
    ["[1, 'a', 'b'] == []", "1:5 expected type 'int' but found 'string'"],
    ["[dyn(1), 2] == []", "1:10 expected type 'dyn' but found 'int'"],
    [
      "{1: 'i', 2u: 1}.size() == 2",
      "1:10 expected type 'int' but found 'uint'|1:14 expected type 'string' but found 'int'",
    ],
  ],
  "lists by their first element": [
    ["[null].isSorted()", "no such overload: isSorted(list)"],
    ["(dyn([[1]])).min() == 1", "no such overload: min(list)"],
    ["dyn(['a', 'b'] + dyn([1, 2])).isSorted()", true],
  ],
  URLs: [
    [
      "url('http://%41/') == url('')",
      'URL parse error during conversion from string: parse "http://%41/": invalid URL escape "%41"',
    ],
    [
      "url('http://a:1:2/') == url('')",
      'URL parse error during conversion from string: parse "http://a:1:2/": invalid port ":1:2" after host',
    ],
    [
      "url('http://[1.2.3.4]/') == url('')",
      'URL parse error during conversion from string: parse "http://[1.2.3.4]/": invalid IP-literal',
    ],
    ["url('https://h/p?q=1#f').getQuery() == {'q': ['1']}", true],
    ["url('//h/p').getHost() == 'h'", true],
    ["url('HTTP://h/%7e') == url('http://h/%7e')", true],
    ["url('http://h/') == dyn(1)", "no such overload"],
    ["url('http://h/') != dyn(1)", true],
  ],
  texts: [
    ["'a'.charAt(9223372036854775807) == ''", "index out of range: 9223372036854775807"],
    ["'a'.substring(3, 2) == ''", "invalid substring range. start: 3, end: 2"],
    ["dyn(1).find('a') == ''", "no such overload"],
    ["dyn(1).find(dyn('a')) == ''", "no such overload: find(int, string)"],
  ],
  "lists have no fields": [["has(self.list.x)", "unsupported index type 'string' in list"]],
};

/** The errors of a report in one line, without the source and the marks, or the text of another error. */
function shortened(error: unknown): string {
  const { message } = error as Error;
  const found = [...message.matchAll(/ERROR: <input>:(-?\d+:\d+): (.*)/g)];
  if (found.length > 0) return found.map(([, place, text]) => `${place} ${text}`).join("|");
  return message.replace(/^program evaluation error: /, "");
}

describe.each(Object.entries(conditions))("conditions: %s", (_topic, rows) => {
  test.each(rows)("%s", (expression, answer) => {
    const environment = createConditionEnvironment({ config: { a: 1 } });
    let actual: boolean | string;
    try {
      actual = environment.evaluate(expression);
    } catch (error) {
      actual = shortened(error);
    }
    expect(actual).toBe(answer);
  });
});

describe.each(Object.entries(rules))("probes: %s", (_topic, rows) => {
  test.each(rows)("%s", (rule, answer) => {
    let actual: boolean | string;
    try {
      const { status, messages } = compileProbeRule(rule, "no").evaluate({ list: [1] });
      actual = status === "Unknown" ? messages.join().replace("CEL program failed: ", "") : status === "True";
    } catch (error) {
      actual = shortened(error);
    }
    expect(actual).toBe(answer);
  });
});
