import process from "node:process";
import { createProcessContext } from "./program/node-process.ts";
import { runRemotePhaseManager } from "./programs.ts";

// Sleeping timers and idle connections must not keep a program that is done.
process.exit(await runRemotePhaseManager(createProcessContext(process)));
