import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { Context } from "./context.ts";
import { createProgress, statusLine } from "./progress.ts";

const image = { target: "m.io/pko/app", digest: "sha256:a", bytesToMove: 1000 };

/** A context whose stderr may be a terminal, with a clock to turn. */
function contextWith(terminal: boolean): { context: Context; clock: { time: number }; output: () => string } {
  const stderr = Object.assign(new PassThrough(), { isTTY: terminal, columns: 100 });
  const clock = { time: 1000 };
  const signal = new AbortController().signal;
  const context = {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr,
    env: {},
    cwd: "/",
    nodeVersion: "",
  };
  return {
    context: { ...context, now: () => clock.time, random: () => 0, signal },
    clock,
    output: () => String(stderr.read() ?? ""),
  };
}

test("elsewhere than on a terminal there is one line per image and nothing else", () => {
  const { context, clock, output } = contextWith(false);
  const progress = createProgress(context, { images: 2, bytes: 2000 });
  progress.addBytes(image, 500);
  clock.time += 1000;
  progress.addBytes(image, 500);
  progress.finish(image, "copied m.io/pko/app");
  progress.note("m.io: slower");
  progress.close();
  expect(output()).toBe("[1/2] copied m.io/pko/app\nm.io: slower\n");
});

test("a terminal shows images under way and the whole, with rate and time left, and is left clean", () => {
  const { context, clock, output } = contextWith(true);
  const progress = createProgress(context, { images: 2, bytes: 2000 });
  clock.time += 1000;
  progress.addBytes(image, 500);
  const shown = output();
  expect(shown).toContain("m.io/pko/app");
  expect(shown).toContain("[##########          ]  500 B of 1000 B\n");
  expect(shown).toContain("0/2 images  [#####               ]  500 B of 2.0 KiB  500 B/s  3 s left\n");
  progress.finish(image, "copied m.io/pko/app");
  expect(output()).toContain("\u001B[2A\u001B[J[1/2] copied m.io/pko/app\n");
  progress.close();
  expect(output()).toBe("\r\u001B[1A\u001B[J");
});

test.each([
  [{ done: 0, bytes: 0, rate: 0 }, "0/3 images  [                    ]  0 B of 1.0 KiB  0 B/s"],
  [{ done: 1, bytes: 2048, rate: 10 }, "1/3 images  [####################]  2.0 KiB of 1.0 KiB  10 B/s"],
  [{ done: 1, bytes: -5, rate: 1 }, "1/3 images  [                    ]  0 B of 1.0 KiB  1 B/s  18 min left"],
])("a status line for %j", (state, line) => {
  expect(statusLine(state, { images: 3, bytes: 1024 })).toBe(line);
});
