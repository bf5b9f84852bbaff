import { setMaxListeners } from "node:events";
import { program } from "./program.ts";
import { run } from "./run.ts";

// Every request of a run listens to one signal, or to one made from it; their number says nothing about leaks.
setMaxListeners(0);
const abort = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The second signal does not wait for anything.
    if (abort.signal.aborted) process.exit(130);
    abort.abort();
  });
}
// A reader that goes away (`| head`) ends the program quietly.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

process.exitCode = await run(program, process.argv.slice(2), {
  // Opening a stream loads much of Node; most commands read no stdin and have no errors to write.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  get stderr() {
    return process.stderr;
  },
  env: process.env,
  cwd: process.cwd(),
  nodeVersion: process.version,
  now: Date.now,
  random: Math.random,
  signal: abort.signal,
});
