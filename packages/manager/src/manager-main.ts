import process from "node:process";
import { createProcessContext } from "./program/node-process.ts";
import { runPackageOperatorManager } from "./programs.ts";

process.exitCode = await runPackageOperatorManager(createProcessContext(process));
