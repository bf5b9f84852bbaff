import type { Context } from "./context.ts";
import { formatBytes } from "./output.ts";

/** Shows how a long copy goes on: one live line on a terminal, a line per finished image elsewhere. Writes to stderr. */
export interface Progress {
  /** More bytes arrived; negative when some have to be sent again. */
  addBytes(count: number): void;
  /** One image is through. */
  finish(line: string): void;
  /** Something the user should know, in between. */
  note(line: string): void;
  /** Removes the live line. */
  close(): void;
}

export interface ProgressOptions {
  readonly images: number;
  readonly bytes: number;
}

const REDRAW_MS = 100;

export function createProgress(context: Context, total: ProgressOptions): Progress {
  const { stderr, now } = context;
  const isLive = stderr.isTTY === true;
  const start = now();
  let done = 0;
  let bytes = 0;
  let drawn = 0;
  const erase = (): void => {
    if (drawn > 0) stderr.write("\r\u001B[K");
  };
  const draw = (): void => {
    const time = now();
    if (!isLive || time - drawn < REDRAW_MS) return;
    drawn = time;
    const line = statusLine({ done, bytes, seconds: (time - start) / 1000 }, total);
    stderr.write(`\r\u001B[K${line.slice(0, (stderr.columns ?? 80) - 1)}`);
  };
  const print = (line: string): void => {
    erase();
    stderr.write(`${line}\n`);
  };
  return {
    addBytes(count) {
      bytes += count;
      draw();
    },
    finish(line) {
      done += 1;
      print(`[${done}/${total.images}] ${line}`);
      drawn = 0;
      draw();
    },
    note: print,
    close: erase,
  };
}

/** `3/12 images  [#####     ]  45.1 MiB of 90.2 MiB  12.0 MiB/s  4 s left`. */
export function statusLine(
  { done, bytes, seconds }: { readonly done: number; readonly bytes: number; readonly seconds: number },
  total: ProgressOptions,
): string {
  const fraction = total.bytes === 0 ? 1 : Math.min(Math.max(bytes / total.bytes, 0), 1);
  const bar = "#".repeat(Math.round(fraction * 20)).padEnd(20);
  const rate = seconds > 0 ? bytes / seconds : 0;
  const left = rate > 0 ? `${Math.ceil((total.bytes - bytes) / rate)} s left` : "";
  const amount = `${formatBytes(Math.max(bytes, 0))} of ${formatBytes(total.bytes)}`;
  return `${done}/${total.images} images  [${bar}]  ${amount}  ${formatBytes(Math.max(rate, 0))}/s  ${left}`.trimEnd();
}
