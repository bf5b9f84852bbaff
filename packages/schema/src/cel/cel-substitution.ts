import { dyn, isDynamic, list, map, optional, typeOf, type CelType } from "./cel-type.ts";

/** What type parameters stand for so far. Immutable: trying an overload costs nothing when it fails. */
export type Substitution = ReadonlyMap<string, CelType>;

/** Replaces type parameters by what they stand for; with `free`, those that stand for nothing become it. */
export function substitute(substitution: Substitution, type: CelType, free?: CelType): CelType {
  const inner = (part: CelType): CelType => substitute(substitution, part, free);
  switch (type.kind) {
    case "param": {
      const known = substitution.get(type.name);
      return known === undefined ? (free ?? type) : inner(known);
    }
    case "list":
      return list(inner(type.element));
    case "map":
      return map(inner(type.key), inner(type.value));
    case "type":
      return typeOf(inner(type.of));
    case "optional":
      return optional(inner(type.of));
    default:
      return type;
  }
}

/** The substitution under which every type fits its counterpart; undefined when there is none. */
export function assignAll(
  substitution: Substitution,
  types: readonly CelType[],
  targets: readonly CelType[],
): Substitution | undefined {
  if (types.length !== targets.length) return undefined;
  let current: Substitution | undefined = substitution;
  for (const [index, type] of types.entries()) {
    if (current === undefined) return undefined;
    current = assign(current, type, targets[index]!);
  }
  return current;
}

/** The substitution under which `type` fits `target`; undefined when there is none. */
export function assign(substitution: Substitution, type: CelType, target: CelType): Substitution | undefined {
  if (target.kind === "param") {
    const bound = bind(substitution, type, target);
    if (bound !== undefined || substitution.has(target.name)) return bound;
  }
  if (type.kind === "param") return bind(substitution, target, type);
  if (isDynamic(type) || isDynamic(target)) return substitution;
  if (type.kind === "null" || target.kind === "null")
    return nullable(type) && nullable(target) ? substitution : undefined;
  if (type.kind === "type") return target.kind === "type" ? substitution : undefined;
  if (type.kind === "list" && target.kind === "list")
    return assign(substitution, type.element, target.element);
  if (type.kind === "map" && target.kind === "map") {
    return assignAll(substitution, [type.key, type.value], [target.key, target.value]);
  }
  if (type.kind === "optional" && target.kind === "optional") return assign(substitution, type.of, target.of);
  return equalTypes(type, target) ? substitution : undefined;
}

/** Of two types that fit each other, the one that says less. */
export function mostGeneral(a: CelType, b: CelType): CelType {
  return saysNoMore(a, b) ? a : b;
}

/** Whether two types are the same. */
export function equalTypes(a: CelType, b: CelType): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === "list" && b.kind === "list") return equalTypes(a.element, b.element);
  if (a.kind === "map" && b.kind === "map") return equalTypes(a.key, b.key) && equalTypes(a.value, b.value);
  if ((a.kind === "type" && b.kind === "type") || (a.kind === "optional" && b.kind === "optional")) {
    return equalTypes(a.of, b.of);
  }
  if ("name" in a && "name" in b) return a.name === b.name;
  return true;
}

type Param = Extract<CelType, { kind: "param" }>;

function bind(substitution: Substitution, type: CelType, target: Param): Substitution | undefined {
  if (type.kind === "param" && type.name === target.name) return substitution;
  const known = substitution.get(target.name);
  if (known !== undefined) {
    if (equalTypes(type, known)) return substitution;
    const assigned = assign(substitution, type, known);
    if (assigned === undefined) return undefined;
    const general = mostGeneral(type, known);
    return refersTo(assigned, target, general) ? assigned : new Map([...assigned, [target.name, general]]);
  }
  return refersTo(substitution, target, type) ? undefined : new Map([...substitution, [target.name, type]]);
}

/** Whether a type mentions the parameter, so that binding the two would never end. */
function refersTo(substitution: Substitution, target: Param, type: CelType): boolean {
  const inner = (part: CelType): boolean => refersTo(substitution, target, part);
  switch (type.kind) {
    case "param": {
      if (type.name === target.name) return true;
      const known = substitution.get(type.name);
      return known !== undefined && inner(known);
    }
    case "list":
      return inner(type.element);
    case "map":
      return inner(type.key) || inner(type.value);
    case "type":
    case "optional":
      return inner(type.of);
    default:
      return false;
  }
}

function saysNoMore(a: CelType, b: CelType): boolean {
  const isWild = ({ kind }: CelType): boolean => kind === "dyn" || kind === "any" || kind === "param";
  if (isWild(a)) return true;
  if (isWild(b) || a.kind !== b.kind) return false;
  if (a.kind === "list" && b.kind === "list") return saysNoMore(a.element, b.element);
  if (a.kind === "map" && b.kind === "map") return saysNoMore(a.key, b.key) && saysNoMore(a.value, b.value);
  if (a.kind === "optional" && b.kind === "optional") return saysNoMore(a.of, b.of);
  return a.kind === "type" || equalTypes(a, b);
}

/** Types whose values may be null, as the protocol buffer types behind them. */
function nullable(type: CelType): boolean {
  return ["null", "duration", "timestamp", "object", "opaque", "optional"].includes(type.kind);
}

/** A fresh start. */
export const noSubstitution: Substitution = new Map();

/** Type parameters that no overload decided become dynamic. */
export function finalType(substitution: Substitution, type: CelType): CelType {
  return substitute(substitution, type, dyn);
}
