/** A step of a path, as Kubernetes' JSONPath dialect has them. */
export type PathNode =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "wildcard" }
  | { readonly kind: "recursive" }
  | { readonly kind: "slice"; readonly bounds: SliceBounds }
  | { readonly kind: "union"; readonly paths: readonly Path[] }
  | { readonly kind: "filter"; readonly left: Path; readonly operator: string; readonly right: Path }
  /** A word that means nothing; an error only when it is reached. */
  | { readonly kind: "identifier"; readonly name: string }
  | { readonly kind: "constant"; readonly value: string | number | boolean };

/** Steps one after another. */
export type Path = readonly PathNode[];

/** What stands in brackets; an absent bound is open. */
export interface SliceBounds {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly step: number | undefined;
  /** The upper bound was not written: a single index. */
  readonly single: boolean;
}

/** Thrown for a path that cannot be read or followed; the messages are those of Kubernetes' client library. */
export class PathError extends Error {
  override readonly name = "PathError";
}
