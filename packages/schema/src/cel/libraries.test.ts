import { describe, expect, test } from "vitest";
import { compileCel, createCelEnvironment } from "./cel-program.ts";
import { ruleLibraries } from "./rule-libraries.ts";

const environment = createCelEnvironment({
  variables: {},
  optionals: true,
  libraries: ruleLibraries,
});

function evaluate(source: string): unknown {
  return compileCel(environment, source).evaluate(new Map());
}

const holds: Record<string, string[]> = {
  addresses: [
    "ip('127.0.0.1').family() == 4 && ip('::1').family() == 6",
    "isIP('10.0.0.1') && !isIP('10.0.0.01') && !isIP('::ffff:1.2.3.4') && !isIP('1.2.3')",
    "ip.isCanonical('2001:db8::1') && !ip.isCanonical('2001:DB8::1')",
    "string(ip('2001:0db8:0:0:0:0:0:1')) == '2001:db8::1'",
    "ip('0.0.0.0').isUnspecified() && ip('::').isUnspecified()",
    "ip('127.1.2.3').isLoopback() && !ip('10.0.0.1').isLoopback()",
    "ip('224.0.0.1').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast()",
    "ip('169.254.169.254').isLinkLocalUnicast() && ip('fe80::1').isLinkLocalUnicast()",
    "ip('192.168.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast()",
    "!ip('ff02::1').isGlobalUnicast()",
    "ip('::1') == ip('0:0:0:0:0:0:0:1')",
  ],
  networks: [
    "cidr('192.168.0.0/24').containsIP('192.168.0.1') && !cidr('192.168.0.0/24').containsIP('192.168.1.1')",
    "cidr('192.168.0.0/24').containsIP(ip('192.168.0.9'))",
    "cidr('192.168.0.0/16').containsCIDR(cidr('192.168.10.0/24'))",
    "!cidr('192.168.1.0/24').containsCIDR('192.168.0.0/16')",
    "cidr('192.168.0.1/24').masked() == cidr('192.168.0.0/24')",
    "cidr('192.168.0.0/24').prefixLength() == 24 && cidr('::1/128').ip() == ip('::1')",
    "string(cidr('10.0.0.0/8')) == '10.0.0.0/8' && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0')",
  ],
  quantities: [
    "quantity('1.3Gi').isGreaterThan(quantity('200M')) && quantity('50k').isInteger()",
    "quantity('50k').asInteger() == 50000 && !quantity('1.5').isInteger()",
    "quantity('50.703k').asApproximateFloat() == 50703.0 && quantity('-50k').sign() == -1",
    "quantity('50k').add(quantity('20k')) == quantity('70k') && quantity('50k').sub(20000) == quantity('30k')",
    "quantity('200M').compareTo(quantity('0.2G')) == 0 && isQuantity('1Gi') && !isQuantity('1GiB')",
  ],
  optionals: [
    "optional.of(1).hasValue() && optional.of(1).value() == 1 && !optional.none().hasValue()",
    "!optional.ofNonZeroValue('').hasValue() && optional.ofNonZeroValue('a').hasValue()",
    "!optional.ofNonZeroValue([]).hasValue() && !optional.ofNonZeroValue(0u).hasValue()",
    "optional.none().or(optional.of(2)).value() == 2 && optional.of(1).orValue(2) == 1",
    "{'a': {'b': 1}}.?a.?b.orValue(0) == 1 && {'a': 1}[?'b'].orValue(7) == 7 && [1][?5].orValue(3) == 3",
    "[1, ?optional.none(), ?optional.of(3)] == [1, 3] && {?'a': optional.none(), 'b': 1} == {'b': 1}",
    "optional.of(2).optMap(x, x * 2).value() == 4 && !optional.none().optMap(x, x).hasValue()",
    "optional.of(2).optFlatMap(x, optional.of(x + 1)).value() == 3 && has({'a': {'b': 1}}.?a.b)",
    "optional.of(1) == optional.of(1) && optional.none() != optional.of(1)",
  ],
  sets: [
    "sets.contains([1, 2, 3], [2, 3]) && !sets.contains([1], [1, 2])",
    "sets.equivalent([1, 1, 2], [2, 1]) && !sets.equivalent([1], [2])",
    "sets.intersects([1, 2], [2, 5]) && !sets.intersects([1], [2])",
  ],
  formats: [
    "!format.named('dns1123Label').value().validate('abc').hasValue() && !format.named('nope').hasValue()",
    "format.uuid().validate('x').value() == ['does not match the UUID format']",
    "!format.dns1123LabelPrefix().validate('abc-').hasValue()",
  ],
  formatting: [
    "'%s %s %s'.format(['a', [1, 2.5, null], {'k': true}]) == 'a [1, 2.5, null] {k: true}'",
    "'%d %x %X %o %b'.format([10, 255, 255, 8, 5]) == '10 ff FF 10 101' && '%x'.format(['hi']) == '6869'",
    "'%.3f %e %%'.format([1.0, 1234.5]) == '1.000 1.234500e+03 %' && '%b'.format([true]) == '1'",
    "'%s'.format([type(1)]) == 'int' && '%s'.format([duration('90s')]) == '90s'",
    "strings.quote('a\"b') == '\"a\\\\\"b\"'",
  ],
  text: [
    "'tacocat'.lastIndexOf('a', 3) == 1 && 'tacocat'.lastIndexOf('none') == -1 && 'ab'.lastIndexOf('', 1) == 1",
    "'abcabc'.replace('b', 'x', 1) == 'axcabc' && 'abc'.replace('', '-', 2) == '-a-bc'",
    "['a', 'b'].join() == 'ab' && 'a,b,c'.split(',', 2) == ['a', 'b,c']",
    "'日本語'.indexOf('語') == 2 && '日本語'.substring(1, 2) == '本' && '日本'.lastIndexOf('本') == 1",
  ],
  time: [
    "timestamp('2024-03-01T00:00:00Z').getDayOfYear() == 60 && timestamp('2024-03-01T00:00:00Z').getDayOfWeek() == 5",
    "timestamp('2024-03-01T05:06:07Z').getMinutes() == 6 && timestamp('2024-03-01T05:06:07Z').getDate() == 1",
    "timestamp('2024-12-31T23:00:00Z').getFullYear('Europe/Berlin') == 2025 && timestamp(0).getHours('') == 0",
    "timestamp('1969-12-31T23:59:59.5Z').getSeconds() == 59 && int(timestamp('1969-12-31T23:59:59.5Z')) == -1",
    "b'ab' + b'c' == b'abc' && size(b'abc') == 3 && b'a' < b'b' && 'a'.size() == 1",
  ],
};

describe.each(Object.entries(holds))("%s", (_name, expressions) => {
  test.each(expressions)("%s", (expression) => {
    expect(evaluate(expression)).toBe(true);
  });
});

describe("failures", () => {
  test.each([
    ["ip('x') == ip('::1')", 'IP Address "x" parse error'],
    ["cidr('10.0.0.0') == cidr('::/0')", "network address parse error"],
    ["quantity('1.5').asInteger() == 1", "cannot convert value to integer"],
    ["quantity('x') == quantity('1')", "quantities must match"],
    ["optional.none().value() == 1", "optional.none() dereference"],
    ["'%d'.format(['a']) == ''", "can only be used on integers"],
    ["'%f'.format(['a']) == ''", "can only be used on doubles"],
    ["'%q'.format([1]) == ''", "unrecognized formatting clause"],
    ["'%s'.format([]) == ''", "index 0 out of range"],
    ["''.format([1]) == ''", "too many arguments"],
    ["timestamp('2024-01-01T00:00:00Z').getHours('Nowhere/City') == 1", "unknown time zone Nowhere/City"],
    ["timestamp('9999-12-31T00:00:00Z') + duration('48h') > timestamp(0)", "timestamp overflow"],
    ["duration('2562047h') + duration('2562047h') > duration('0s')", "integer overflow"],
    ["'abc'.substring(5) == ''", "index out of range: 5"],
    ["'a'.matches('a{2000}')", "invalid repeat count"],
    ["7 % 0 == 1", "modulus by zero"],
    ["[1, 2]['a' == 'a' ? dyn('x') : dyn(1)] == 1", "unsupported index type 'string' in list"],
  ])("%s", (expression, message) => {
    expect(() => evaluate(expression)).toThrow(message);
  });
});
