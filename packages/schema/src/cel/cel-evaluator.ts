import type {
  CelBind,
  CelCall,
  CelComprehension,
  CelExpr,
  CelListExpr,
  CelMapExpr,
  CelSelect,
} from "./cel-ast.ts";
import type { CelOverloads, CelReference, CheckedCel } from "./cel-checker.ts";
import { CelBudgetError, CelEvaluationError } from "./cel-error.ts";
import { accepts, isDispatchedByValue, noSuchOverload } from "./cel-dispatch.ts";
import type { CelCallContext } from "./cel-overload.ts";
import { CelMap, CelOptional, goTypeName, isCelList, type CelValue } from "./cel-value.ts";
import { lookUp, selectField } from "./cel-access.ts";

/** Values of the variables; comprehensions shadow them. */
export type CelBindings = ReadonlyMap<string, CelValue>;

/** Units of work that are left: about one per node, more for long text and lists. Evaluations use it up. */
export interface CelBudget {
  remaining: number;
}

/** What one evaluation may spend when its caller gives no budget. */
const defaultBudget = 1_000_000;

/**
 * Evaluates a checked expression.
 *
 * @throws CelEvaluationError with cel-go's text; CelBudgetError when `budget` is used up.
 */
export function evaluateCel(
  expr: CelExpr,
  checked: CheckedCel,
  bindings: CelBindings,
  budget: CelBudget = { remaining: defaultBudget },
): CelValue {
  const evaluator = new CelEvaluator(checked.references, bindings, budget);
  return evaluator.evaluate(expr, undefined);
}

/** The variables of enclosing macros, innermost first. */
interface Frame {
  readonly name: string;
  readonly value: CelValue;
  readonly outer: Frame | undefined;
}

class CelEvaluator implements CelCallContext {
  readonly #references: ReadonlyMap<CelExpr, CelReference>;
  readonly #bindings: CelBindings;
  readonly #budget: CelBudget;

  constructor(references: ReadonlyMap<CelExpr, CelReference>, bindings: CelBindings, budget: CelBudget) {
    this.#references = references;
    this.#bindings = bindings;
    this.#budget = budget;
  }

  spend(cost: number): void {
    this.#budget.remaining -= cost;
    if (this.#budget.remaining < 0) throw new CelBudgetError();
  }

  evaluate(expr: CelExpr, frame: Frame | undefined): CelValue {
    this.spend(1);
    switch (expr.kind) {
      case "literal":
        return expr.value;
      case "ident":
        return this.#reference(this.#references.get(expr), frame);
      case "select":
        return this.#select(expr, frame);
      case "call":
        return this.#call(expr, frame);
      case "list":
        return this.#list(expr, frame);
      case "map":
        return this.#map(expr, frame);
      case "comprehension":
        return this.#comprehension(expr, frame);
      case "bind":
        return this.#bind(expr, frame);
      default:
        throw new CelEvaluationError(`unknown type: ${expr.name}`);
    }
  }

  #reference(reference: CelReference | undefined, frame: Frame | undefined): CelValue {
    if (reference?.kind === "constant") return reference.value;
    const name = reference?.kind === "variable" ? reference.name : "";
    if (name.startsWith(".")) {
      const value = this.#bindings.get(name.slice(1));
      if (value === undefined) throw new CelEvaluationError(`no such attribute(s): ${name.slice(1)}`);
      return value;
    }
    let current = frame;
    while (current !== undefined && current.name !== name) current = current.outer;
    return current!.value;
  }

  #select(expr: CelSelect, frame: Frame | undefined): CelValue {
    const reference = this.#references.get(expr);
    if (reference !== undefined) return this.#reference(reference, frame);
    const operand = this.evaluate(expr.operand, frame);
    return selectField(operand, expr);
  }

  #call(expr: CelCall, frame: Frame | undefined): CelValue {
    switch (expr.name) {
      case "_&&_":
        return this.#logical(expr, frame, false);
      case "_||_":
        return this.#logical(expr, frame, true);
      case "_?_:_": {
        const condition = this.evaluate(expr.args[0]!, frame);
        if (typeof condition !== "boolean") throw new CelEvaluationError("no such overload");
        return this.evaluate(expr.args[condition ? 1 : 2]!, frame);
      }
      case "_[_]":
        // Whether an index fits is found out by looking: a double may be a whole number.
        return lookUp(this.evaluate(expr.args[0]!, frame), this.evaluate(expr.args[1]!, frame));
      default: {
        const reference = this.#references.get(expr) as CelOverloads;
        const operands =
          expr.target === undefined || reference.static ? expr.args : [expr.target, ...expr.args];
        return this.#apply(
          expr,
          reference,
          operands.map((operand) => this.evaluate(operand, frame)),
        );
      }
    }
  }

  #apply(expr: CelCall, { overloads, declared }: CelOverloads, args: readonly CelValue[]): CelValue {
    const taken =
      overloads.find((overload) => accepts(overload, args)) ??
      (isDispatchedByValue(expr.name) ? declared.find((overload) => accepts(overload, args)) : undefined);
    if (taken !== undefined) return taken.call(args, this);
    // A function whose constant was prepared looks at its other values itself.
    const isPrepared = overloads[0]?.check !== undefined && expr.args[0]?.kind === "literal";
    throw isPrepared ? new CelEvaluationError("no such overload") : noSuchOverload(expr.name, declared, args);
  }

  /** `&&` and `||`: the deciding value wins over an error on the other side. */
  #logical({ args }: CelCall, frame: Frame | undefined, deciding: boolean): CelValue {
    let failure: unknown;
    for (const arg of args) {
      try {
        const value = this.evaluate(arg, frame);
        if (value === deciding) return deciding;
        if (typeof value !== "boolean") throw new CelEvaluationError("no such overload");
      } catch (error) {
        failure ??= absorbable(error);
      }
    }
    if (failure !== undefined) throw failure;
    return !deciding;
  }

  #list({ elements, optional }: CelListExpr, frame: Frame | undefined): CelValue {
    const values: CelValue[] = [];
    for (const [index, element] of elements.entries()) {
      const value = this.evaluate(element, frame);
      if (!optional.has(index)) values.push(value);
      else if (value instanceof CelOptional && value.value !== undefined) values.push(value.value);
    }
    return values;
  }

  #map({ entries }: CelMapExpr, frame: Frame | undefined): CelValue {
    const pairs: [CelValue, CelValue][] = [];
    for (const { key, value, optional } of entries) {
      const name = this.evaluate(key, frame);
      const item = this.evaluate(value, frame);
      if (!optional) pairs.push([name, item]);
      else if (item instanceof CelOptional && item.value !== undefined) pairs.push([name, item.value]);
    }
    return new CelMap(pairs);
  }

  #comprehension(expr: CelComprehension, frame: Frame | undefined): CelValue {
    const range = this.evaluate(expr.range, frame);
    if (!isCelList(range) && !(range instanceof CelMap)) {
      throw new CelEvaluationError(`got '${goTypeName(range)}', expected iterable type`);
    }
    const items = isCelList(range) ? range : range.keys();
    const at = (value: CelValue): Frame => ({ name: expr.variable, value, outer: frame });
    switch (expr.macro) {
      case "all":
        return this.#quantify(items, (item) => this.#bool(expr.body, at(item)), false);
      case "exists":
        return this.#quantify(items, (item) => this.#bool(expr.body, at(item)), true);
      case "exists_one":
        return items.filter((item) => this.#bool(expr.body, at(item))).length === 1;
      case "filter":
        return items.filter((item) => this.#bool(expr.body, at(item)));
      default: {
        const { condition } = expr;
        const chosen =
          condition === undefined ? items : items.filter((item) => this.#bool(condition, at(item)));
        return chosen.map((item) => this.evaluate(expr.body, at(item)));
      }
    }
  }

  /** `all` and `exists`: the first deciding element wins over errors of others. */
  #quantify(items: readonly CelValue[], test: (item: CelValue) => boolean, deciding: boolean): boolean {
    let failure: unknown;
    for (const item of items) {
      try {
        if (test(item) === deciding) return deciding;
      } catch (error) {
        failure ??= absorbable(error);
      }
    }
    if (failure !== undefined) throw failure;
    return !deciding;
  }

  #bool(expr: CelExpr, frame: Frame): boolean {
    const value = this.evaluate(expr, frame);
    if (typeof value !== "boolean") throw new CelEvaluationError("no such overload");
    return value;
  }

  #bind(expr: CelBind, frame: Frame | undefined): CelValue {
    const operand = this.evaluate(expr.operand, frame);
    if (!(operand instanceof CelOptional)) throw new CelEvaluationError("no such overload");
    if (operand.value === undefined) return operand;
    const result = this.evaluate(expr.body, { name: expr.variable, value: operand.value, outer: frame });
    return expr.macro === "optMap" ? new CelOptional(result) : result;
  }
}

/** Only failures of the expression itself can be absorbed. */
function absorbable(error: unknown): unknown {
  if (!(error instanceof CelEvaluationError) || error instanceof CelBudgetError) throw error;
  return error;
}
