export type { ClusterAuth, ClusterConfig, ExecPlugin, Material } from "./cluster-config.ts";
export { type Clock, systemClock } from "./clock.ts";
export type { ApiResource, Discovery } from "./discovery.ts";
export type { CacheHandler, DynamicCache } from "./dynamic-cache.ts";
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
export type { Informer, InformerEvent, InformerHandler, ObjectStore } from "./informer.ts";
export type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  GetOptions,
  JsonPatchOperation,
  KubeClient,
  ListOptions,
  Patch,
  RawResponse,
  SelectOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "./kube-client.ts";
export {
  type ApiObject,
  formatApiVersion,
  formatKey,
  formatKind,
  type KindRef,
  keyOf,
  type KubeObject,
  type ManagedFieldsEntry,
  type ObjectKey,
  type ObjectList,
  type ObjectMeta,
  type ObjectRef,
  type OwnerReference,
  parseApiVersion,
  parseKey,
  refOf,
} from "./object.ts";
export type { HttpMethod, KubeRequest } from "./request.ts";
