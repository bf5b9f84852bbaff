import { vi } from "vitest";

/** Waits until `check` passes; patient, because the machine may be busy, but looking often. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 15_000, interval: 5 });
}
