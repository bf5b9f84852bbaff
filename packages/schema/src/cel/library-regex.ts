import { compileRegex } from "../regex.ts";
import { method, type CelOverload } from "./cel-overload.ts";
import { runtimeRegex, searchCost } from "./regex-cache.ts";
import * as t from "./cel-type.ts";
import type { CelValue } from "./cel-value.ts";

/** A constant pattern is compiled with the program, so that a malformed one is found before it runs. */
function check([pattern]: readonly (CelValue | undefined)[]): void {
  if (typeof pattern === "string") compileRegex(pattern);
}

const findAll: CelOverload["call"] = ([text, pattern, limit], context) => {
  const regex = runtimeRegex(pattern as string, context);
  context.spend(searchCost(pattern as string, text as string));
  return regex.findAll(text as string, limit === undefined ? -1 : Number(limit));
};

const find: CelOverload["call"] = (args, context) =>
  (findAll([...args, 1n], context) as readonly string[])[0] ?? "";

/** Kubernetes' regular expression library. */
export const regexLibrary: readonly CelOverload[] = [
  { ...method("find", [t.string, t.string], t.string, find), check },
  { ...method("findAll", [t.string, t.string], t.list(t.string), findAll), check },
  { ...method("findAll", [t.string, t.string, t.int], t.list(t.string), findAll), check },
];
