export {
  type Controller,
  type ControllerObserver,
  type ControllerOptions,
  createController,
  type Reconcile,
  type ReconcileContext,
  type ReconcileOutcome,
  type ReconcileResult,
  type RunOptions,
} from "./controller.ts";
export { ControllerError, type ControllerErrorCode, isTerminalError, terminalError } from "./errors.ts";
export { createLogger, type LogFields, type Logger, type LoggerOptions } from "./logger.ts";
export {
  type Enqueue,
  type EventStream,
  generationChanged,
  type Source,
  watchSource,
  type WatchSourceOptions,
} from "./source.ts";
export {
  createWorkQueue,
  type Priority,
  type QueueObserver,
  type QueueStats,
  type WorkQueue,
  type WorkQueueOptions,
} from "./work-queue.ts";
