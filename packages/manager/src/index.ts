export { runPackageOperatorManager, runRemotePhaseManager } from "./programs.ts";
export type { NodeProcess } from "./program/node-process.ts";
export { createProcessContext } from "./program/node-process.ts";
export type { ProcessContext } from "./program/process-context.ts";
export { managerFlags, type ManagerOptions } from "./options/manager-options.ts";
export { remotePhaseFlags, type RemotePhaseOptions } from "./options/remote-phase-options.ts";
export { type Flag, type FlagTable, formatUsage } from "./options/flag-set.ts";
export { ManagerError, type ManagerErrorCode } from "./errors.ts";
