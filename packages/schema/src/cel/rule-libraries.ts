import type { CelOverload } from "./cel-overload.ts";
import { ipLibrary } from "./library-ip.ts";
import { listsLibrary } from "./library-lists.ts";
import { namedFormatsLibrary } from "./library-named-formats.ts";
import { optionalLibrary } from "./library-optional.ts";
import { quantityLibrary } from "./library-quantity.ts";
import { regexLibrary } from "./library-regex.ts";
import { setsLibrary } from "./library-sets.ts";
import { mixedOrdering } from "./library-operators.ts";
import { standardLibrary } from "./library-standard.ts";
import { stringFormatLibrary } from "./library-string-format.ts";
import { stringsLibrary } from "./library-strings.ts";
import { urlLibrary } from "./library-url.ts";

/** Everything that rules of a CRD may call. */
export const ruleLibraries: readonly (readonly CelOverload[])[] = [
  standardLibrary,
  mixedOrdering,
  stringsLibrary,
  stringFormatLibrary,
  listsLibrary,
  regexLibrary,
  urlLibrary,
  optionalLibrary,
  setsLibrary,
  quantityLibrary,
  ipLibrary,
  namedFormatsLibrary,
];
