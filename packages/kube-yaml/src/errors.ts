/**
 * Why reading, writing or editing failed.
 * `syntax`: the text is not YAML; `value`: YAML that has no JSON form (infinity, a wrong tag, an alias loop);
 * `key`: a mapping key that cannot become a string; `json`: the text is not JSON; `limit`: size, depth, node or
 * alias limit; `path`: an edit names a place that does not exist or cannot take the change.
 */
export type YamlErrorCode = "syntax" | "value" | "key" | "json" | "limit" | "path";

/** Where an error was found. Lines and columns count from 1; 0 when unknown. */
export interface YamlErrorDetails {
  readonly source?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly cause?: unknown;
}

/** The one error of this package. Messages keep the two prefixes of sigs.k8s.io/yaml. */
export class YamlError extends Error {
  override readonly name = "YamlError";
  readonly code: YamlErrorCode;
  readonly source: string | undefined;
  readonly line: number;
  readonly column: number;

  constructor(code: YamlErrorCode, message: string, details: YamlErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.source = details.source;
    this.line = details.line ?? 0;
    this.column = details.column ?? 0;
  }
}
