import type { Context } from "./context.ts";
import { formatBytes } from "./output.ts";

/**
 * Shows how a long copy goes on: on a terminal a bar for each image under way and one for the whole, elsewhere a line per
 * finished image. Writes to stderr.
 */
export interface Progress {
  /** More bytes of an image arrived; negative when some have to be sent again. */
  addBytes(image: ProgressImage, count: number): void;
  /** One image is through. */
  finish(image: ProgressImage, line: string): void;
  /** Something the user should know, in between. */
  note(line: string): void;
  /** Removes the live lines. */
  close(): void;
}

/** An image as its bar shows it. */
export interface ProgressImage {
  readonly target: string;
  readonly digest: string;
  /** Bytes that are expected to move for it. */
  readonly bytesToMove: number;
}

export interface ProgressOptions {
  readonly images: number;
  readonly bytes: number;
}

const REDRAW_MS = 100;
/** The rate is that of the last seconds, so that a standstill shows. */
const WINDOW_MS = 5000;
const MOST_BARS = 6;

export function createProgress(context: Context, total: ProgressOptions): Progress {
  const { stderr, now } = context;
  const isLive = stderr.isTTY === true;
  const samples = [{ time: now(), bytes: 0 }];
  const active = new Map<string, { readonly image: ProgressImage; bytes: number }>();
  const keyOf = ({ target, digest }: ProgressImage): string => `${target}@${digest}`;
  let done = 0;
  let bytes = 0;
  let drawnAt = 0;
  let drawnLines = 0;
  const erase = (): void => {
    if (drawnLines > 0) stderr.write(`\r\u001B[${drawnLines}A\u001B[J`);
    drawnLines = 0;
  };
  const draw = (): void => {
    const time = now();
    if (!isLive || time - drawnAt < REDRAW_MS) return;
    drawnAt = time;
    samples.push({ time, bytes });
    while (samples.length > 2 && samples[0]!.time < time - WINDOW_MS) samples.shift();
    const seconds = (time - samples[0]!.time) / 1000;
    const rate = seconds > 0 ? Math.max(bytes - samples[0]!.bytes, 0) / seconds : 0;
    const lines = [
      ...[...active.values()].slice(0, MOST_BARS).map(({ image, bytes: got }) => imageLine(image, got)),
      statusLine({ done, bytes, rate }, total),
    ];
    erase();
    const width = (stderr.columns ?? 80) - 1;
    stderr.write(lines.map((line) => `${line.slice(0, width)}\n`).join(""));
    drawnLines = lines.length;
  };
  const print = (line: string): void => {
    erase();
    stderr.write(`${line}\n`);
    drawnAt = 0;
    draw();
  };
  const timer = isLive ? setInterval(draw, REDRAW_MS * 2) : undefined;
  timer?.unref();
  return {
    addBytes(image, count) {
      bytes += count;
      const key = keyOf(image);
      const known = active.get(key) ?? { image, bytes: 0 };
      known.bytes += count;
      active.set(key, known);
      draw();
    },
    finish(image, line) {
      done += 1;
      active.delete(keyOf(image));
      print(`[${done}/${total.images}] ${line}`);
    },
    note: print,
    close() {
      clearInterval(timer);
      erase();
    },
  };
}

/** `3/12 images  [#####     ]  45.1 MiB of 90.2 MiB  12.0 MiB/s  4 s left`; `rate` in bytes per second. */
export function statusLine(
  { done, bytes, rate }: { readonly done: number; readonly bytes: number; readonly rate: number },
  total: ProgressOptions,
): string {
  const left = rate > 0 && bytes < total.bytes ? formatSeconds((total.bytes - bytes) / rate) : "";
  return `${done}/${total.images} images  ${bar(bytes, total.bytes)}  ${formatBytes(Math.round(rate))}/s  ${left}`.trimEnd();
}

/** `  mirror.example/pko/app  [#####     ]  4.1 MiB of 9.2 MiB`. */
function imageLine({ target, bytesToMove }: ProgressImage, bytes: number): string {
  const name = target.length > 40 ? `…${target.slice(-39)}` : target.padEnd(40);
  return `  ${name}  ${bar(bytes, bytesToMove)}`;
}

function bar(bytes: number, total: number): string {
  const fraction = total === 0 ? 1 : Math.min(Math.max(bytes / total, 0), 1);
  const marks = "#".repeat(Math.round(fraction * 20)).padEnd(20);
  return `[${marks}]  ${formatBytes(Math.max(bytes, 0))} of ${formatBytes(total)}`;
}

function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 120 ? `${whole} s left` : `${Math.ceil(whole / 60)} min left`;
}
