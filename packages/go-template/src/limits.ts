import { TemplateError } from "./errors.ts";

/** Bounds that keep a hostile template or context from taking the host down; every one ends in code `limit`. */
export interface TemplateLimits {
  /** Syntax nodes of one template set. Default 400,000. */
  readonly nodes?: number;
  /** Work of one execution: about one unit per byte or list element made, 20 per step. Default 50 million: about 2 s. */
  readonly work?: number;
  /** Bytes of one string value or of the output. Default 8 MiB. */
  readonly valueBytes?: number;
}

/** Depth of values, of nested actions and of parentheses; bounded by the stack of the host. */
export const maxDepth = 1000;

/** The limits in force. */
export type ResolvedLimits = Required<TemplateLimits>;

/** Fills in the defaults. */
export function resolveLimits(limits: TemplateLimits = {}): ResolvedLimits {
  return { nodes: 400_000, work: 50_000_000, valueBytes: 8 * 1024 * 1024, ...limits };
}

/** Ends an execution because of a bound. */
export function limitError(what: string, cause?: unknown): TemplateError {
  return new TemplateError("limit", `template: ${what}`, { cause });
}

/** What one execution may still do. */
export class Budget {
  readonly #valueBytes: number;
  #left: number;

  constructor(limits: ResolvedLimits) {
    this.#valueBytes = limits.valueBytes;
    this.#left = limits.work;
  }

  /** Takes `units` of work off; throws code `limit` when none is left. */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw limitError("execution exceeds the limit of work");
  }

  /** Checks the size of a string. */
  checkSize(bytes: number): void {
    if (bytes > this.#valueBytes) throw limitError(`text exceeds the limit of ${this.#valueBytes} bytes`);
  }

  /** Asks for a string of `bytes` before it is made. */
  reserve(bytes: number): void {
    this.checkSize(bytes);
    this.spend(bytes);
  }
}

/** Tells whether the host ran out of stack, which V8 reports as a RangeError. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes("call stack");
}
