import type { Mark } from "./cursor.ts";

/** The tokens of libyaml's scanner. */
export type TokenKind =
  | "stream-end"
  | "version-directive"
  | "tag-directive"
  | "document-start"
  | "document-end"
  | "block-sequence-start"
  | "block-mapping-start"
  | "block-end"
  | "flow-sequence-start"
  | "flow-sequence-end"
  | "flow-mapping-start"
  | "flow-mapping-end"
  | "block-entry"
  | "flow-entry"
  | "key"
  | "value"
  | "alias"
  | "anchor"
  | "tag"
  | "scalar";

/** One token; `value` is a scalar's text, an anchor's name, a tag's suffix or a directive's prefix. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: Mark;
  /** Offset behind the token. */
  readonly end: number;
  readonly value: string;
  /** A tag's handle, or a tag directive's. */
  readonly handle: string;
  /** True for a scalar without quotes and indicators. */
  readonly plain: boolean;
}
