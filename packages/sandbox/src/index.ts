export { type ApiServer, type ApiServerOptions, createApiServer, type SandboxLog } from "./api-server.ts";
export { SandboxError, type SandboxErrorCode, StatusError } from "./errors.ts";
export type { KubeconfigUser } from "./kubeconfig.ts";
