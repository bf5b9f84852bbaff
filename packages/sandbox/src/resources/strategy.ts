import type { FieldError } from "@package-operator/schema";
import type { FieldSet } from "../fields/field-set.ts";
import type { JsonObject } from "../json.ts";

/** What a kind's rules may ask for while an object is written. */
export interface StrategyContext {
  readonly now: Date;
  /** Other objects, for defaults and checks that depend on them. */
  readonly lookup: (collection: string, namespace: string, name: string) => JsonObject | undefined;
  /** Every object of a collection. */
  readonly list: (collection: string) => JsonObject[];
  /** Lower-case letters and digits as in generated names. */
  readonly randomSuffix: () => string;
}

/** The rules of one kind. Objects passed in may be changed in place, except `old`. */
export interface Strategy {
  /** Fills in defaults; runs after every decode and merge, so it must be idempotent. */
  readonly defaults?: (object: JsonObject) => void;
  /**
   * Last changes before a new object is checked and stored.
   *
   * @throws StatusError when admission refuses the object.
   */
  readonly prepareForCreate?: (object: JsonObject, context: StrategyContext) => void;
  /** Last changes before a changed object is checked and stored. */
  readonly prepareForUpdate?: (object: JsonObject, old: JsonObject, context: StrategyContext) => void;
  /** What a status update may not change, put back from `old`; the specification is already. */
  readonly prepareForStatusUpdate?: (object: JsonObject, old: JsonObject) => void;
  /** Findings about the object itself. */
  readonly validate?: (object: JsonObject, old?: JsonObject) => FieldError[];
  /** Findings about an object that was changed through its status. */
  readonly validateStatus?: (object: JsonObject, old: JsonObject) => FieldError[];
  /** Findings about the change, on top of `validate`. */
  readonly validateUpdate?: (object: JsonObject, old: JsonObject) => FieldError[];
  /** What is wrong with a name; DNS-1123 subdomain when absent. */
  readonly validateName?: (name: string) => string[];
  /** Fields that `fieldSelector` accepts besides `metadata.name` and `metadata.namespace`. */
  readonly selectableFields?: (object: JsonObject) => Record<string, string>;
  /** What counts into `metadata.generation`; absent for kinds without one. */
  readonly generationOf?: (object: JsonObject) => JsonObject;
  /** Fields that a write to the object itself cannot own; by subresource, empty text for the object. */
  readonly resetFields?: Readonly<Record<string, FieldSet>>;
  /** Seconds a deletion waits for the object to end; absent when it does not wait. */
  readonly gracePeriod?: (object: JsonObject, requested: number | undefined) => number;
  /** Everything that must be gone before the object can go; `metadata.finalizers` when absent. */
  readonly finalizers?: (object: JsonObject) => string[];
  /** Changes to an object whose deletion has to wait. */
  readonly markDeleted?: (object: JsonObject, now: Date) => void;
  /** What happens to dependents when a deletion does not say. Background when absent. */
  readonly defaultPropagation?: "Orphan";
  /** Whether a deletion counts into `metadata.generation`. Default true. */
  readonly deletionGeneration?: false;
  /** Whether a deletion answers with the object rather than with a Status. */
  readonly returnsDeleted?: boolean;
}
