import type { ApiContext } from "../verbs/api-context.ts";

/** What every controller works with. */
export interface ControllerContext {
  readonly api: ApiContext;
  /** PEM of the authority that workloads trust. */
  readonly certificateAuthority: string;
  /** Told about failures that will be tried again. */
  readonly onError: (error: unknown, controller: string, key: string) => void;
}
