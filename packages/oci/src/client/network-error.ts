import { OciError } from "../errors.ts";
import { redactUrl } from "./answer-error.ts";

const tlsCodes =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

/** Makes an error of a request that got no whole answer. Abort reasons must be handled before. */
export function networkError(method: string, url: URL, cause: unknown): OciError {
  const { code, message } = innermost(cause);
  const isTls = tlsCodes.test(code);
  return new OciError(isTls ? "tls" : "network", `${method} ${redactUrl(url)}: ${message}`, {
    // A name that does not exist will not exist in a second; a resolver that did not answer may.
    retryable: !isTls && code !== "ENOTFOUND",
    url: redactUrl(url),
    cause,
  });
}

/** undici and Node wrap the error that says something, e.g. in one that only says "fetch failed". */
function innermost(error: unknown): { readonly code: string; readonly message: string } {
  let found = error as { code?: unknown; message?: unknown; cause?: unknown; errors?: unknown };
  for (let depth = 0; depth < 5; depth++) {
    const inner = Array.isArray(found.errors) ? (found.errors as unknown[])[0] : found.cause;
    if (typeof inner !== "object" || inner === null) break;
    found = inner;
  }
  return {
    code: typeof found.code === "string" ? found.code : "",
    message:
      typeof found.message === "string" && found.message !== "" ? found.message : String(found.code ?? error),
  };
}
