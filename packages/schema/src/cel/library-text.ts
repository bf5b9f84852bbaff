import { method, fn, type CelCallContext, type CelOverload } from "./cel-overload.ts";
import { matchText } from "./regex-cache.ts";
import * as t from "./cel-type.ts";
import type { CelValue } from "./cel-value.ts";

function textTest(test: (text: string, part: string) => boolean): CelOverload["call"] {
  return ([text, part], context) => {
    context.spend(Math.ceil((text as string).length / 10));
    return test(text as string, part as string);
  };
}

function matches([text, pattern]: readonly CelValue[], context: CelCallContext): boolean {
  return matchText(pattern as string, text as string, context);
}

/** Text functions of the standard library. */
export const text: readonly CelOverload[] = [
  method(
    "contains",
    [t.string, t.string],
    t.bool,
    textTest((value, part) => value.includes(part)),
  ),
  method(
    "startsWith",
    [t.string, t.string],
    t.bool,
    textTest((value, part) => value.startsWith(part)),
  ),
  method(
    "endsWith",
    [t.string, t.string],
    t.bool,
    textTest((value, part) => value.endsWith(part)),
  ),
  method("matches", [t.string, t.string], t.bool, matches),
  fn("matches", [t.string, t.string], t.bool, matches),
];
