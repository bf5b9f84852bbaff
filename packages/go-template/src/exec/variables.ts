import type { ByteString } from "../text/byte-string.ts";
import type { Result } from "../value/value.ts";

/**
 * A value in its place. `boxed` tells that it was read from a container of `any` and has not passed the end of a
 * pipeline since, because Go then names the type `interface {}` in errors.
 */
export interface Slot {
  readonly value: Result;
  readonly boxed: boolean;
}

/** The stack of variables of one template. */
export class Variables {
  readonly #names: ByteString[] = [];
  readonly #slots: Slot[] = [];

  constructor(data: Slot) {
    this.push("$", data);
  }

  push(name: ByteString, slot: Slot): void {
    this.#names.push(name);
    this.#slots.push(slot);
  }

  /** Height of the stack, for {@link Variables.pop}. */
  mark(): number {
    return this.#names.length;
  }

  pop(mark: number): void {
    this.#names.length = mark;
    this.#slots.length = mark;
  }

  /** Overwrites the `n`th variable from the top. */
  setTop(n: number, slot: Slot): void {
    this.#slots[this.#slots.length - n] = slot;
  }

  /** Assigns to the innermost variable of that name; false when there is none. */
  assign(name: ByteString, slot: Slot): boolean {
    const at = this.#names.lastIndexOf(name);
    if (at < 0) return false;
    this.#slots[at] = slot;
    return true;
  }

  find(name: ByteString): Slot | undefined {
    return this.#slots[this.#names.lastIndexOf(name)];
  }
}
