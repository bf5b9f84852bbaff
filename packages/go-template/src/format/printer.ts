import { type Budget, limitError, maxDepth } from "../limits.ts";
import type { ByteString } from "../text/byte-string.ts";
import { typeOf } from "../value/type.ts";
import { GoComplex, GoInt, GoList, GoMap, GoVersion, type Value } from "../value/value.ts";
import { versionText } from "../functions/semver/version.ts";
import {
  characterField,
  type Flags,
  floatField,
  hexStringField,
  integerField,
  noFlags,
  pad,
  quotedCharacterField,
  quotedField,
  stringField,
  unicodeField,
} from "./field.ts";

/** Prints values under one verb at a time, as Go's fmt. */
export class Printer {
  readonly #budget: Budget;
  /** Text so far. */
  out = "";
  flags: Flags = noFlags();
  /** Inside a `%!v(…)` marker, where methods are not called. */
  #erroring = false;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  #write(text: ByteString): void {
    this.out += text;
    this.#budget.checkSize(this.out.length);
  }

  /** Prints one argument; `verb` is a character code. */
  argument(value: Value, verb: string): void {
    if (value === null) {
      if (verb === "v" || verb === "T") return this.#write(pad("<nil>", this.flags, this.#budget));
      return this.#write(`%!${verb}(<nil>)`);
    }
    if (verb === "T") return this.#write(stringField(typeOf(value), this.flags, this.#budget));
    // `%w` is for errors only; Go complains about a container as a whole.
    if (verb === "w" && typeof value === "object") return this.#badVerb(value, verb);
    this.#value(value, verb, 0);
  }

  /** Prints a value inside of another, or at the top with depth 0. */
  #value(value: Value, verb: string, depth: number): void {
    if (depth > 0) this.#budget.spend(72);
    if (depth > maxDepth) throw limitError("value is nested too deeply to be printed");
    if (typeof value === "string") this.#string(value, verb);
    else if (typeof value === "number") this.#float(value, verb);
    else if (typeof value === "boolean") this.#bool(value, verb);
    else if (value instanceof GoInt) this.#integer(value, verb);
    else if (value instanceof GoMap) this.#map(value, verb, depth);
    else if (value instanceof GoList) this.#list(value, verb, depth);
    else if (value instanceof GoComplex) this.#complex(value, verb);
    else if (value === null) this.#write(this.flags.sharpV ? "interface {}(nil)" : "<nil>");
    else this.#version(value, verb, depth);
  }

  /** `%!d(string=x)`: a verb that does not fit the type. */
  #badVerb(value: Value, verb: string): void {
    const outer = this.#erroring;
    this.#erroring = true;
    this.#write(`%!${verb}(${typeOf(value)}=`);
    this.#value(value, "v", 0);
    this.#write(")");
    this.#erroring = outer;
  }

  #bool(value: boolean, verb: string): void {
    if (verb !== "t" && verb !== "v") return this.#badVerb(value, verb);
    this.#write(pad(String(value), this.flags, this.#budget));
  }

  #string(value: ByteString, verb: string): void {
    switch (verb) {
      case "v":
        return this.#write((this.flags.sharpV ? quotedField : stringField)(value, this.flags, this.#budget));
      case "s":
        return this.#write(stringField(value, this.flags, this.#budget));
      case "q":
        return this.#write(quotedField(value, this.flags, this.#budget));
      case "x":
      case "X":
        return this.#write(hexStringField(value, this.flags, this.#budget, verb === "X"));
      default:
        return this.#badVerb(value, verb);
    }
  }

  #integer({ type, value }: GoInt, verb: string): void {
    const { flags } = this;
    const budget = this.#budget;
    switch (verb) {
      case "v": {
        const hex = flags.sharpV && type.startsWith("uint");
        return this.#write(
          integerField(value, hex ? 16 : 10, hex ? { ...flags, sharp: true } : flags, budget),
        );
      }
      case "d":
        return this.#write(integerField(value, 10, flags, budget));
      case "b":
        return this.#write(integerField(value, 2, flags, budget));
      case "o":
      case "O":
        return this.#write(integerField(value, 8, flags, budget, { letterO: verb === "O" }));
      case "x":
      case "X":
        return this.#write(integerField(value, 16, flags, budget, { upper: verb === "X" }));
      case "c":
        return this.#write(characterField(value, flags, budget));
      case "q":
        return this.#write(quotedCharacterField(value, flags, budget));
      case "U":
        return this.#write(unicodeField(value, flags, budget));
      default:
        return this.#badVerb(new GoInt(type, value), verb);
    }
  }

  #float(value: number, verb: string): void {
    switch (verb) {
      case "v":
        return this.#write(floatField(value, "g", -1, this.flags, this.#budget));
      case "b":
      case "g":
      case "G":
      case "x":
      case "X":
        return this.#write(floatField(value, verb, -1, this.flags, this.#budget));
      case "e":
      case "E":
      case "f":
        return this.#write(floatField(value, verb, 6, this.flags, this.#budget));
      case "F":
        return this.#write(floatField(value, "f", 6, this.flags, this.#budget));
      default:
        return this.#badVerb(value, verb);
    }
  }

  #complex(value: GoComplex, verb: string): void {
    if (!"vbgGxXfFeE".includes(verb)) return this.#badVerb(value, verb);
    const { flags } = this;
    this.#write("(");
    this.#float(value.real, verb);
    this.flags = { ...flags, plus: true };
    this.#float(value.imaginary, verb);
    this.#write("i)");
    this.flags = flags;
  }

  #list(value: GoList, verb: string, depth: number): void {
    const { sharpV } = this.flags;
    if (sharpV) this.#write(`${typeOf(value)}${value.isNil ? "(nil)" : ""}`);
    if (sharpV && value.isNil) return;
    this.#write(sharpV ? "{" : "[");
    for (const [i, item] of value.items.entries()) {
      if (i > 0) this.#write(sharpV ? ", " : " ");
      this.#value(item, verb, depth + 1);
    }
    this.#write(sharpV ? "}" : "]");
  }

  #map(value: GoMap, verb: string, depth: number): void {
    const { sharpV } = this.flags;
    if (sharpV && value.isNil) return this.#write(`${typeOf(value)}(nil)`);
    this.#write(sharpV ? `${typeOf(value)}{` : "map[");
    for (const [i, key] of value.sortedKeys().entries()) {
      if (i > 0) this.#write(sharpV ? ", " : " ");
      this.#string(key, verb);
      this.#write(":");
      this.#value(value.entries.get(key) ?? null, verb, depth + 1);
    }
    this.#write(sharpV ? "}" : "]");
  }

  #version(value: GoVersion, verb: string, depth: number): void {
    const { version, isPointer } = value;
    if (!this.#erroring && !this.flags.sharpV && "vsxXq".includes(verb)) {
      return this.#string(versionText(version), verb);
    }
    const { sharpV } = this.flags;
    this.#write(`${isPointer ? "&" : ""}${sharpV ? "semver.Version" : ""}{`);
    for (const [i, name] of (["major", "minor", "patch", "pre", "metadata", "original"] as const).entries()) {
      if (i > 0) this.#write(sharpV ? ", " : " ");
      if (sharpV || this.flags.plusV) this.#write(`${name}:`);
      const part = version[name];
      this.#value(typeof part === "bigint" ? new GoInt("uint64", part) : part, verb, depth + 1);
    }
    this.#write("}");
  }

  /** Prints text outside of any verb. */
  literal(text: ByteString): void {
    this.#write(text);
  }
}
