export { type ApiServer, type ApiServerOptions, createApiServer, type SandboxLog } from "./api-server.ts";
export type { LocalClient, LocalRef } from "./controllers/local-client.ts";
export { SandboxError, type SandboxErrorCode, StatusError } from "./errors.ts";
export type { KubeconfigUser } from "./kubeconfig.ts";
export { createSandbox, type Sandbox, type SandboxOptions } from "./sandbox.ts";
export type { SandboxRegistry } from "./sandbox-registry.ts";
