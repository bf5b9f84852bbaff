import type { CelCall, CelComprehension, CelExpr } from "./cel-ast.ts";
import { bool, int } from "./cel-type.ts";

/** The variable that a loop collects its result in; no expression can name it. */
export const accumulator = "@result";

/** What cel-go makes of a macro over a range: all parts but the range may use the accumulator. */
export interface CelLoop {
  /** The accumulator's first value. */
  readonly start: CelExpr;
  /** The accumulator's next value; may use the macro's variable. */
  readonly step: CelExpr;
  readonly result: CelExpr;
}

/** The loop of a macro, for type checks; its parts are placed where the macro is called. */
export function loopOf({ macro, variable, condition, body, offset }: CelComprehension): CelLoop {
  const total: CelExpr = { kind: "ident", name: accumulator, offset };
  const literal = (value: boolean | bigint): CelExpr => ({
    kind: "literal",
    value,
    type: typeof value === "bigint" ? int : bool,
    offset,
  });
  const call = (name: string, ...args: CelExpr[]): CelCall => ({ kind: "call", name, args, offset });
  const list = (...elements: CelExpr[]): CelExpr => ({ kind: "list", elements, optional: new Set(), offset });
  switch (macro) {
    case "all":
      return { start: literal(true), step: call("_&&_", total, body), result: total };
    case "exists":
      return { start: literal(false), step: call("_||_", total, body), result: total };
    case "exists_one": {
      const step = call("_?_:_", body, call("_+_", total, literal(1n)), total);
      return { start: literal(0n), step, result: call("_==_", total, literal(1n)) };
    }
    case "filter": {
      const added = call("_+_", total, list({ kind: "ident", name: variable, offset }));
      return { start: list(), step: call("_?_:_", body, added, total), result: total };
    }
    default: {
      const added = call("_+_", total, list(body));
      const step = condition === undefined ? added : call("_?_:_", condition, added, total);
      return { start: list(), step, result: total };
    }
  }
}
