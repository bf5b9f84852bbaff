import type {
  CelBind,
  CelCall,
  CelComprehension,
  CelExpr,
  CelListExpr,
  CelMapExpr,
  CelSelect,
} from "./cel-ast.ts";
import { CelCompileError, type CelIssue } from "./cel-error.ts";
import type { CelOverload } from "./cel-overload.ts";
import {
  assign,
  assignAll,
  equalTypes,
  finalType,
  mostGeneral,
  noSubstitution,
  substitute,
  type Substitution,
} from "./cel-substitution.ts";
import * as types from "./cel-type.ts";
import type { CelType } from "./cel-type.ts";
import { mixedLiterals } from "./cel-homogeneous.ts";
import { accumulator, loopOf } from "./cel-loop.ts";
import { typeIdentifiers } from "./cel-type-names.ts";
import { CelTypeValue, type CelValue } from "./cel-value.ts";

/** What names mean to an expression. */
export interface CelScope {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: ReadonlyMap<string, readonly CelOverload[]>;
  /** Elements of a list or map literal must have one type, as in Kubernetes. */
  readonly homogeneousLiterals: boolean;
}

/** What a node stands for after checking. */
export type CelReference =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "constant"; readonly value: CelValue }
  | CelOverloads;

/** The function that a call means. */
export interface CelOverloads {
  readonly kind: "overloads";
  /** Those that fit the static types. */
  readonly overloads: readonly CelOverload[];
  /** All that the function has. */
  readonly declared: readonly CelOverload[];
  /** The target of the call is part of the function's name. */
  readonly static: boolean;
}

/** The result of checking. */
export interface CheckedCel {
  readonly type: CelType;
  readonly references: ReadonlyMap<CelExpr, CelReference>;
}

/**
 * Type-checks a parsed expression as cel-go does.
 *
 * @throws CelCompileError with all mistakes.
 */
export function checkCel(source: string, expr: CelExpr, scope: CelScope): CheckedCel {
  const checker = new CelChecker(scope);
  const type = checker.checkRoot(expr);
  if (checker.issues.length > 0) throw new CelCompileError(source, checker.issues);
  const mixed = scope.homogeneousLiterals ? mixedLiterals(expr, (node) => checker.typeOf(node)) : [];
  if (mixed.length > 0) throw new CelCompileError(source, mixed);
  return { type, references: checker.references };
}

class CelChecker {
  readonly issues: CelIssue[] = [];
  readonly references = new Map<CelExpr, CelReference>();
  readonly #scope: CelScope;
  readonly #types = new Map<CelExpr, CelType>();
  #locals: ReadonlyMap<string, CelType> = new Map();
  #substitution: Substitution = noSubstitution;
  #fresh = 0;

  constructor(scope: CelScope) {
    this.#scope = scope;
  }

  checkRoot(expr: CelExpr): CelType {
    return finalType(this.#substitution, this.#check(expr));
  }

  /** The final type of a checked node. */
  typeOf(expr: CelExpr): CelType {
    return this.#shown(this.#types.get(expr) ?? types.dyn);
  }

  #check(expr: CelExpr): CelType {
    const type = this.#checkNode(expr);
    this.#types.set(expr, type);
    return type;
  }

  #checkNode(expr: CelExpr): CelType {
    switch (expr.kind) {
      case "literal":
        return expr.type;
      case "ident":
        return this.#identifier(expr, expr.name) ?? this.#undeclared(expr.name, expr.offset);
      case "select":
        return this.#select(expr);
      case "call":
        return this.#call(expr);
      case "list":
        return this.#list(expr);
      case "map":
        return this.#map(expr);
      case "comprehension":
        return this.#comprehension(expr);
      case "message":
        return this.#undeclared(expr.name, expr.offset);
      default:
        return this.#bind(expr);
    }
  }

  #report(offset: number, message: string): CelType {
    this.issues.push({ offset, message });
    return types.error;
  }

  #undeclared(name: string, offset: number): CelType {
    return this.#report(offset, `undeclared reference to '${name}' (in container '')`);
  }

  #mismatch(offset: number, expected: CelType, found: CelType): CelType {
    const [left, right] = [expected, found].map(types.formatType);
    return this.#report(offset, `expected type '${left}' but found '${right}'`);
  }

  #shown(type: CelType): CelType {
    return finalType(this.#substitution, type);
  }

  #known(type: CelType): CelType {
    return substitute(this.#substitution, type);
  }

  #freshParam(): CelType {
    return types.param(`_var${this.#fresh++}`);
  }

  #assign(type: CelType, target: CelType): boolean {
    const assigned = assign(this.#substitution, type, target);
    if (assigned !== undefined) this.#substitution = assigned;
    return assigned !== undefined;
  }

  /** Resolves a plain or qualified name; a leading dot skips the variables of macros. */
  #identifier(expr: CelExpr, name: string): CelType | undefined {
    const plain = name.replace(/^\./, "");
    const local = name === plain ? this.#locals.get(name) : undefined;
    const type = local ?? this.#scope.variables.get(plain);
    if (type !== undefined) {
      const key = local === undefined ? `.${plain}` : plain;
      this.references.set(expr, { kind: "variable", name: key });
      return type;
    }
    const named = typeIdentifiers.get(plain);
    if (named === undefined) return undefined;
    this.references.set(expr, { kind: "constant", value: new CelTypeValue(plain) });
    return types.typeOf(named);
  }

  #select(expr: CelSelect): CelType {
    const qualified = expr.test || expr.optional ? undefined : this.#qualifiedName(expr);
    const resolved = qualified === undefined ? undefined : this.#identifier(expr, qualified);
    if (resolved !== undefined) return resolved;
    const operand = this.#known(this.#check(expr.operand));
    const field = this.#fieldType(operand, expr);
    if (expr.test) return types.bool;
    return expr.optional || operand.kind === "optional" ? types.optional(field) : field;
  }

  #fieldType(operand: CelType, expr: CelSelect): CelType {
    switch (operand.kind) {
      case "map":
        return operand.value;
      case "object": {
        const field = operand.fields.get(expr.field);
        return field ?? this.#report(expr.offset, `undefined field '${expr.field}'`);
      }
      case "optional":
        return this.#fieldType(this.#known(operand.of), expr);
      case "param":
        this.#assign(types.dyn, operand);
        return types.dyn;
      default:
        if (types.isDynamic(operand)) return types.dyn;
        this.#report(expr.offset, `type '${types.formatType(operand)}' does not support field selection`);
        return types.dyn;
    }
  }

  /** The dotted name that a chain of selections spells, unless it starts at a variable. */
  #qualifiedName(expr: CelExpr): string | undefined {
    if (expr.kind === "ident") return this.#locals.has(expr.name) ? undefined : expr.name;
    if (expr.kind !== "select" || expr.test || expr.optional) return undefined;
    const prefix = this.#qualifiedName(expr.operand);
    return prefix === undefined ? undefined : `${prefix}.${expr.field}`;
  }

  #call(expr: CelCall): CelType {
    const { name, target, args, offset } = expr;
    const prefix = target === undefined ? undefined : this.#qualifiedName(target);
    const qualified = prefix === undefined ? undefined : `${prefix}.${name}`.replace(/^\./, "");
    const namespaced = qualified === undefined ? undefined : this.#scope.functions.get(qualified);
    if (namespaced !== undefined) {
      const argTypes = args.map((arg) => this.#check(arg));
      return this.#resolve(expr, { name: qualified!, overloads: namespaced, argTypes, method: false });
    }
    const argTypes = args.map((arg) => this.#check(arg));
    // The receiver comes first for the overloads, but is checked last.
    if (target !== undefined) argTypes.unshift(this.#check(target));
    if (name === "_&&_" || name === "_||_") return this.#logical(expr, argTypes);
    const plain = name.replace(/^\./, "");
    const overloads = this.#scope.functions.get(plain);
    if (overloads === undefined) return this.#undeclared(name, offset);
    return this.#resolve(expr, { name: plain, overloads, argTypes, method: target !== undefined });
  }

  #logical({ args }: CelCall, argTypes: readonly CelType[]): CelType {
    let result = types.bool;
    for (const [index, type] of argTypes.entries()) {
      if (!this.#assign(type, types.bool)) result = this.#mismatch(args[index]!.offset, types.bool, type);
    }
    return result;
  }

  #resolve(
    expr: CelCall,
    call: { name: string; overloads: readonly CelOverload[]; argTypes: readonly CelType[]; method: boolean },
  ): CelType {
    const found: CelOverload[] = [];
    let result: CelType | undefined;
    for (const overload of call.overloads) {
      if (overload.method !== call.method || overload.dynamic === true) continue;
      const fresh = this.#instantiate(overload);
      const assigned = assignAll(this.#substitution, call.argTypes, fresh.args);
      if (assigned === undefined) continue;
      this.#substitution = assigned;
      found.push(overload);
      const type = this.#known(fresh.result);
      if (result === undefined) result = type;
      else if (result.kind !== "dyn" && !equalTypes(result, type)) result = types.dyn;
    }
    if (result === undefined) {
      const shown = call.argTypes.map((type) => types.formatType(this.#shown(type)));
      const applied = call.method ? `${shown[0]}.(${shown.slice(1).join(", ")})` : `(${shown.join(", ")})`;
      return this.#report(
        expr.offset,
        `found no matching overload for '${call.name}' applied to '${applied}'`,
      );
    }
    const isStatic = !call.method && expr.target !== undefined;
    this.references.set(expr, {
      kind: "overloads",
      overloads: found,
      declared: call.overloads,
      static: isStatic,
    });
    return result;
  }

  /** Gives an overload type parameters of its own. */
  #instantiate(overload: CelOverload): { args: CelType[]; result: CelType } {
    const renamed = new Map<string, CelType>();
    const rename = (type: CelType): CelType => {
      switch (type.kind) {
        case "param": {
          const known = renamed.get(type.name) ?? this.#freshParam();
          renamed.set(type.name, known);
          return known;
        }
        case "list":
          return types.list(rename(type.element));
        case "map":
          return types.map(rename(type.key), rename(type.value));
        case "type":
          return types.typeOf(rename(type.of));
        case "optional":
          return types.optional(rename(type.of));
        default:
          return type;
      }
    };
    return { args: overload.args.map(rename), result: rename(overload.result) };
  }

  #list({ elements, optional }: CelListExpr): CelType {
    let joined: CelType | undefined;
    for (const [index, element] of elements.entries()) {
      const type = this.#check(element);
      joined = this.#join(joined, optional.has(index) ? this.#unwrap(type, element) : type);
    }
    return types.list(joined ?? this.#freshParam());
  }

  #map({ entries }: CelMapExpr): CelType {
    let keys: CelType | undefined;
    let values: CelType | undefined;
    for (const { key, value, optional } of entries) {
      keys = this.#join(keys, this.#check(key));
      const type = this.#check(value);
      values = this.#join(values, optional ? this.#unwrap(type, value) : type);
    }
    return types.map(keys ?? this.#freshParam(), values ?? this.#freshParam());
  }

  #unwrap(type: CelType, expr: CelExpr): CelType {
    const of = this.#freshParam();
    return this.#assign(type, types.optional(of))
      ? of
      : this.#mismatch(expr.offset, types.optional(types.dyn), type);
  }

  #join(previous: CelType | undefined, current: CelType): CelType {
    if (previous === undefined) return current;
    return this.#assign(previous, current) ? mostGeneral(previous, current) : types.dyn;
  }

  /** Checks the loop that cel-go expands the macro to, since its errors are about the parts of that loop. */
  #comprehension(expr: CelComprehension): CelType {
    const range = this.#check(expr.range);
    const { start, step, result } = loopOf(expr);
    const total = this.#check(start);
    const variable = this.#rangeElement(this.#known(range), expr.range.offset);
    return this.#withLocal(accumulator, total, () => {
      this.#withLocal(expr.variable, variable, () => this.#expect(step, total));
      return this.#known(this.#check(result));
    });
  }

  #rangeElement(range: CelType, offset: number): CelType {
    switch (range.kind) {
      case "list":
        return range.element;
      case "map":
        return range.key;
      case "param":
        this.#assign(types.dyn, range);
        return types.dyn;
      case "dyn":
      case "error":
        return types.dyn;
      default: {
        return this.#report(
          offset,
          `expression of type '${types.formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
      }
    }
  }

  #bind(expr: CelBind): CelType {
    const of = this.#freshParam();
    const operand = this.#check(expr.operand);
    if (!this.#assign(operand, types.optional(of))) {
      this.#mismatch(expr.operand.offset, types.optional(types.dyn), operand);
    }
    const body = this.#withLocal(expr.variable, this.#known(of), () => this.#check(expr.body));
    return expr.macro === "optMap" ? types.optional(body) : body;
  }

  #expect(expr: CelExpr, wanted: CelType): CelType {
    const type = this.#check(expr);
    return this.#assign(wanted, type) ? type : this.#mismatch(expr.offset, wanted, type);
  }

  #withLocal(name: string, type: CelType, check: () => CelType): CelType {
    const outer = this.#locals;
    this.#locals = new Map([...outer, [name, type]]);
    const result = check();
    this.#locals = outer;
    return result;
  }
}
