import { readFileSync } from "node:fs";
import type { StatusCause } from "../field-error.ts";
import type { JsonSchema } from "../json-schema.ts";
import type { JsonObject } from "../json-value.ts";

/** What a real API server answered to updates of objects that are older than their schema. */
export interface RecordedUpdates {
  readonly schema: JsonSchema;
  readonly updates: readonly RecordedUpdate[];
}

/** One update. */
export interface RecordedUpdate {
  /** `spec` and `status` as stored before the schema. */
  readonly old: JsonObject;
  /** The fields that the update replaces. */
  readonly new: JsonObject;
  /** `status`, or absent for the object itself. */
  readonly subresource?: string;
  /** The complaints; none when the update was accepted. */
  readonly causes: readonly StatusCause[];
}

/** Reads the recording, which `test/cluster/crd-updates.test.ts` compares with a real API server of today. */
export function recordedUpdates(): RecordedUpdates {
  const file = new URL("../testdata/api-server-updates.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as RecordedUpdates;
}

/** Causes in an order that does not depend on the server's. */
export function sortedCauses(causes: readonly Partial<StatusCause>[]): string[] {
  return causes.map(({ reason, field, message }) => `${reason} ${field} ${message}`).toSorted();
}
