// Lets every property go on until its time is over, however many runs that is.
import { configureGlobal } from "fast-check";

configureGlobal({
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: Number(process.env["FUZZ_SECONDS"]) * 1000,
});
