import { KubeError, type Status } from "./errors.ts";
import type { KubeRequest } from "./request.ts";

/** An error answer; bodies that are no Status (proxies, aggregated servers) are wrapped in one. */
export function statusError(request: KubeRequest, httpStatus: number, body: string): KubeError {
  let status: Status | undefined;
  try {
    const parsed = JSON.parse(body) as Status | null;
    if (parsed?.kind === "Status") status = parsed;
  } catch {
    // Not JSON: the text itself is the message.
  }
  const message =
    status?.message ||
    `${request.method} ${request.path}: HTTP ${httpStatus}${body ? `: ${body.trim().slice(0, 500)}` : ""}`;
  return new KubeError("ApiStatus", message, { httpStatus, ...(status && { status }) });
}
