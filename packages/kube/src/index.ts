export type { ApiResource } from "./api-resource.ts";
export type { ClusterAuth, ClusterConfig, ExecPlugin, Material } from "./cluster-config.ts";
export { type Clock, systemClock } from "./clock.ts";
export type { Discovery } from "./discovery.ts";
export {
  type CacheHandler,
  createDynamicCache,
  type DynamicCache,
  type DynamicCacheOptions,
} from "./dynamic-cache.ts";
export {
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isKubeError,
  isNotFound,
  isUnauthorized,
  isUnknownKind,
  KubeError,
  type KubeErrorCode,
  type Status,
  type StatusCause,
} from "./errors.ts";
export {
  createInformer,
  type Informer,
  type InformerEvent,
  type InformerHandler,
  type InformerOptions,
} from "./informer.ts";
export { createKubeClient, type KubeClient, type KubeClientOptions } from "./kube-client.ts";
export { createManualClock, type ManualClock } from "./manual-clock.ts";
export { loadKubeConfig, type LoadConfigOptions } from "./load-config.ts";
export {
  formatApiVersion,
  formatKey,
  formatKind,
  keyOf,
  parseApiVersion,
  parseKey,
  refOf,
} from "./object.ts";
export type * from "./object.ts";
export type { IndexFunction, ObjectStore } from "./object-store.ts";
export type * from "./options.ts";
export type { RequestObserver } from "./exchange.ts";
export type { HttpMethod, KubeRequest } from "./request.ts";
export type { RawResponse } from "./transport.ts";
export type { WatchEvent } from "./watch.ts";
export { waitFor, type WaitForOptions } from "./wait-for.ts";
