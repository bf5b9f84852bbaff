import process from "node:process";
import { createProcessContext } from "./program/node-process.ts";
import { runRemotePhaseManager } from "./programs.ts";

process.exitCode = await runRemotePhaseManager(createProcessContext(process));
