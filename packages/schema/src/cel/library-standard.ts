import { conversions } from "./library-conversions.ts";
import { operators } from "./library-operators.ts";
import type { CelOverload } from "./cel-overload.ts";
import { text } from "./library-text.ts";
import { time } from "./library-time.ts";

/** The CEL standard library. */
export const standardLibrary: readonly CelOverload[] = [...operators, ...conversions, ...text, ...time];
