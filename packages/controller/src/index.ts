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
export { createHealthHandler, type HealthCheck, type HealthChecks } from "./health.ts";
export {
  type HttpHandler,
  type HttpListener,
  type HttpReply,
  type HttpRequest,
  isListenerOff,
  listen,
} from "./http-listener.ts";
export {
  createLeaderElector,
  type LeaderElector,
  type LeaderElectorOptions,
  type Leadership,
} from "./leader-election.ts";
export { type Closable, type FillingCache, type ManagerOptions, runManager, type Task } from "./manager.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export type { ProcessInfo } from "./process-metrics.ts";
export { createProfileHandler } from "./profiles.ts";
