import type { Budget } from "../limits.ts";
import { type ByteString, decodeRune } from "../text/byte-string.ts";
import { typeOf } from "../value/type.ts";
import { GoInt, type Value } from "../value/value.ts";
import { noFlags } from "./field.ts";
import { Printer } from "./printer.ts";

const largest = 1_000_000;

/** Walks a format string: flags, width, precision, argument indexes and verbs. */
class Formatter {
  readonly #format: ByteString;
  readonly #args: readonly Value[];
  readonly #printer: Printer;
  #at = 0;
  #argument = 0;
  #reordered = false;
  /** The last explicit index was usable. */
  #goodIndex = true;
  /** An explicit index has just been read. */
  #afterIndex = false;

  constructor(format: ByteString, args: readonly Value[], budget: Budget) {
    this.#format = format;
    this.#args = args;
    this.#printer = new Printer(budget);
  }

  run(): ByteString {
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf("%", this.#at);
      const textEnd = percent < 0 ? this.#format.length : percent;
      if (textEnd > this.#at) this.#printer.literal(this.#format.slice(this.#at, textEnd));
      this.#at = textEnd + 1;
      if (percent >= 0) this.#directive();
    }
    if (!this.#reordered && this.#argument < this.#args.length) this.#extra();
    return this.#printer.out;
  }

  #directive(): void {
    this.#goodIndex = true;
    this.#afterIndex = false;
    this.#printer.flags = noFlags();
    this.#flags();
    this.#index();
    this.#width();
    this.#precision();
    if (!this.#afterIndex) this.#index();
    if (this.#at >= this.#format.length) return this.#printer.literal("%!(NOVERB)");
    const { rune, size } = decodeRune(this.#format, this.#at);
    const verb = this.#format.slice(this.#at, this.#at + size);
    this.#at += size;
    if (verb === "%") return this.#printer.literal("%");
    // An invalid byte shows as the character that stands for it.
    const shown = size === 1 && rune > 0x7f ? "\xef\xbf\xbd" : verb;
    if (!this.#goodIndex) return this.#printer.literal(`%!${shown}(BADINDEX)`);
    const value = this.#args[this.#argument];
    if (value === undefined) return this.#printer.literal(`%!${shown}(MISSING)`);
    this.#argument++;
    this.#printVerb(value, shown);
  }

  #printVerb(value: Value, verb: string): void {
    // `%w` belongs to errors, but takes its flags as `%v` does.
    if (verb === "v" || verb === "w") {
      const { flags } = this.#printer;
      flags.sharpV = flags.sharp;
      flags.sharp = false;
      flags.plusV = flags.plus;
      flags.plus = false;
    }
    this.#printer.argument(value, verb);
  }

  #flags(): void {
    const { flags } = this.#printer;
    for (; this.#at < this.#format.length; this.#at++) {
      switch (this.#format[this.#at]) {
        case "#":
          flags.sharp = true;
          break;
        case "0":
          flags.zero = true;
          break;
        case "+":
          flags.plus = true;
          break;
        case "-":
          flags.minus = true;
          break;
        case " ":
          flags.space = true;
          break;
        default:
          return;
      }
    }
  }

  /** Reads a decimal number; one that is too large swallows the rest of the format, as in Go. */
  #number(end: number = this.#format.length): number | undefined {
    let value: number | undefined;
    for (; this.#at < end; this.#at++) {
      const digit = this.#format.charCodeAt(this.#at) - 48;
      if (digit < 0 || digit > 9) break;
      if ((value ?? 0) > largest) {
        this.#at = end;
        return undefined;
      }
      value = (value ?? 0) * 10 + digit;
    }
    return value;
  }

  /** `[n]`: the argument to use next. */
  #index(): void {
    this.#afterIndex = false;
    if (this.#format[this.#at] !== "[") return;
    this.#reordered = true;
    const start = this.#at;
    const close = this.#format.indexOf("]", start + 1);
    if (close < 0 || this.#format.length - start < 3) {
      this.#goodIndex = false;
      this.#at = start + 1;
      return;
    }
    this.#at = start + 1;
    const number = this.#number(close);
    const complete = number !== undefined && this.#at === close;
    this.#at = close + 1;
    this.#afterIndex = complete;
    if (complete && number >= 1 && number <= this.#args.length) this.#argument = number - 1;
    else this.#goodIndex = false;
  }

  /** The integer argument that a `*` takes. */
  #star(): number | undefined {
    this.#at++;
    this.#afterIndex = false;
    const value = this.#args[this.#argument];
    if (value === undefined) return undefined;
    this.#argument++;
    if (!(value instanceof GoInt) || value.value > BigInt(largest) || value.value < -BigInt(largest))
      return undefined;
    return Number(value.value);
  }

  #width(): void {
    const { flags } = this.#printer;
    if (this.#format[this.#at] === "*") {
      flags.width = this.#star();
      if (flags.width === undefined) this.#printer.literal("%!(BADWIDTH)");
      else if (flags.width < 0) {
        flags.width = -flags.width;
        flags.minus = true;
        flags.zero = false;
      }
      return;
    }
    flags.width = this.#number();
    if (this.#afterIndex && flags.width !== undefined) this.#goodIndex = false;
  }

  #precision(): void {
    const { flags } = this.#printer;
    if (this.#format[this.#at] !== "." || this.#at + 1 >= this.#format.length) return;
    this.#at++;
    if (this.#afterIndex) this.#goodIndex = false;
    this.#index();
    if (this.#format[this.#at] === "*") {
      const precision = this.#star();
      flags.precision = precision !== undefined && precision < 0 ? undefined : precision;
      if (flags.precision === undefined) this.#printer.literal("%!(BADPREC)");
      return;
    }
    flags.precision = this.#number() ?? 0;
  }

  #extra(): void {
    this.#printer.flags = noFlags();
    this.#printer.literal("%!(EXTRA ");
    for (const [i, value] of this.#args.slice(this.#argument).entries()) {
      if (i > 0) this.#printer.literal(", ");
      if (value === null) {
        this.#printer.literal("<nil>");
      } else {
        this.#printer.literal(`${typeOf(value)}=`);
        this.#printer.argument(value, "v");
      }
    }
    this.#printer.literal(")");
  }
}

/** Formats as Go's `fmt.Sprintf`: mistakes never fail, they print markers such as `%!d(string=x)`. */
export function sprintf(format: ByteString, args: readonly Value[], budget: Budget): ByteString {
  return new Formatter(format, args, budget).run();
}
