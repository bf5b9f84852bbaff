import { STATUS_CODES } from "node:http";
import { OciError, type OciErrorCode, type RegistryErrorEntry } from "../errors.ts";

/** The parts of an answer that an error is made of. */
export interface FailedAnswer {
  readonly method: string;
  readonly url: URL;
  readonly status: number;
  readonly body: Uint8Array;
  readonly retryAfterMs: number | undefined;
  /** What was asked for, for `reference`. */
  readonly reference: string | undefined;
}

/** Statuses after which the same request may succeed. */
const retryableStatuses = new Set([408, 429, 499, 500, 502, 503, 504, 522]);

/** A URL that can be shown: without user information, query and fragment, which may hold secrets. */
export function redactUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Makes an error of an answer that was not expected, worded as go-containerregistry does: method, URL, code, message. */
export function answerError(answer: FailedAnswer): OciError {
  const url = redactUrl(answer.url);
  const registryErrors = readErrors(answer.body);
  return new OciError(
    errorCode(answer.status, registryErrors),
    `${answer.method} ${url}: ${describe(answer, registryErrors)}`,
    {
      status: answer.status,
      retryable: retryableStatuses.has(answer.status),
      reference: answer.reference,
      url,
      registryErrors,
      retryAfterMs: answer.retryAfterMs,
    },
  );
}

function errorCode(status: number, errors: readonly RegistryErrorEntry[]): OciErrorCode {
  if (status === 401) return "unauthorized";
  if (status === 403) return "denied";
  if (status === 404) return "not-found";
  if (status === 429) return "rate-limited";
  if (status === 405 || status === 501 || errors.some((error) => error.code === "UNSUPPORTED"))
    return "unsupported";
  return status >= 500 || retryableStatuses.has(status) ? "unavailable" : "rejected";
}

function describe(answer: FailedAnswer, errors: readonly RegistryErrorEntry[]): string {
  if (errors.length > 0) {
    return errors
      .map((error) => {
        const detail =
          error.detail === undefined || error.detail === null ? "" : `; ${JSON.stringify(error.detail)}`;
        return `${error.code}: ${error.message}${detail}`;
      })
      .join("; ");
  }
  const status = `unexpected status code ${answer.status} ${STATUS_CODES[answer.status] ?? ""}`.trimEnd();
  if (answer.method === "HEAD") return `${status} (HEAD responses have no body, use GET for details)`;
  const text = Buffer.from(answer.body).toString("utf8").trim().slice(0, 200);
  return text === "" ? status : `${status}: ${text}`;
}

function readErrors(body: Uint8Array): readonly RegistryErrorEntry[] {
  try {
    const json = JSON.parse(Buffer.from(body).toString("utf8")) as { errors?: unknown };
    if (!Array.isArray(json.errors)) return [];
    return json.errors.map((item: { code?: unknown; message?: unknown; detail?: unknown }) => ({
      code: typeof item.code === "string" ? item.code : "UNKNOWN",
      message: typeof item.message === "string" ? item.message : "",
      detail: item.detail,
    }));
  } catch {
    // Proxies and load balancers answer with HTML; the status is all there is then.
    return [];
  }
}
