import type { FunctionMap } from "./function.ts";
import { caseConversions } from "./sprig/case.ts";
import { decimals } from "./sprig/decimal.ts";
import { dicts } from "./sprig/dicts.ts";
import { encodings } from "./sprig/encoding.ts";
import { json } from "./sprig/json.ts";
import { lists } from "./sprig/lists.ts";
import { logic } from "./sprig/logic.ts";
import { floats, integers } from "./sprig/math.ts";
import { paths } from "./sprig/paths.ts";
import { regex } from "./sprig/regex.ts";
import { splitting } from "./sprig/split.ts";
import { strings } from "./sprig/strings.ts";
import { urls } from "./sprig/urls.ts";
import { versions } from "./sprig/versions.ts";
import { wrapping } from "./sprig/wrap.ts";

const sprig: FunctionMap = {
  ...caseConversions,
  ...decimals,
  ...dicts,
  ...encodings,
  ...floats,
  ...integers,
  ...json,
  ...lists,
  ...logic,
  ...paths,
  ...regex,
  ...splitting,
  ...strings,
  ...urls,
  ...versions,
  ...wrapping,
};

/**
 * The functions of sprig v3.3 that neither depend on time, chance or the machine nor make keys: what the Go operator
 * offers to packages.
 */
export function sprigFunctions(): FunctionMap {
  return sprig;
}
