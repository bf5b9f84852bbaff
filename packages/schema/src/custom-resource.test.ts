import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { validateCustomResource } from "./custom-resource.ts";
import { coerceEmbedded } from "./embedded-resource.ts";
import { statusCauses, type StatusCause } from "./field-error.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { JsonObject } from "./json-value.ts";
import { defaultObject, pruneNulls, pruneObject } from "./prune.ts";
import { compileRules } from "./schema-rules.ts";
import { validateStructural } from "./structural.ts";
import { recordedUpdates, sortedCauses } from "./testing/recorded-updates.ts";

interface Recorded {
  readonly schema: JsonSchema;
  readonly objects: readonly { readonly spec: JsonObject; readonly causes: readonly StatusCause[] }[];
  readonly schemas: readonly { readonly schema: JsonSchema; readonly causes: readonly StatusCause[] }[];
}

/** Answers of a real API server; see the note in the file. */
const recorded = JSON.parse(
  readFileSync(new URL("testdata/api-server.json", import.meta.url), "utf8"),
) as Recorded;

describe("objects get the errors of a real API server", () => {
  const { schema } = recorded;
  const rules = compileRules(schema, "", { resourceRoot: true });

  test.each(recorded.objects.map(({ spec, causes }) => [JSON.stringify(spec), spec, causes] as const))(
    "%s",
    (_text, spec, causes) => {
      const object = structuredClone({
        apiVersion: "peer.test/v1",
        kind: "Thing",
        metadata: { name: "t", namespace: "default" },
        spec,
      });
      pruneObject(schema, object, { resourceRoot: true });
      pruneNulls(schema, object);
      defaultObject(schema, object);
      expect(coerceEmbedded(schema, object, "")).toEqual([]);
      expect(sortedCauses(statusCauses(validateCustomResource(schema, object, { rules })))).toEqual(
        sortedCauses(causes),
      );
    },
  );
});

describe("updates of what was stored before its schema get the errors of a real API server", () => {
  const { schema, updates } = recordedUpdates();
  const rules = compileRules(schema, "", { resourceRoot: true });
  const admit = (parts: JsonObject): JsonObject => {
    const object = structuredClone({
      apiVersion: "peer.test/v1",
      kind: "Update",
      metadata: { name: "u", namespace: "default", uid: "1" },
      ...parts,
    });
    pruneObject(schema, object, { resourceRoot: true });
    defaultObject(schema, object);
    return object;
  };

  test.each(updates.map((update) => [JSON.stringify(update), update] as const))("%s", (_text, update) => {
    const { old, causes } = update;
    const oldObject = admit(old);
    const object = admit({ ...old, ...update.new });
    const isStatus = update.subresource === "status";
    const errors = validateCustomResource(schema, object, { rules, oldObject, isStatus });
    expect(sortedCauses(statusCauses(errors))).toEqual(sortedCauses(causes));
  });
});

describe("schemas get the errors of a real API server", () => {
  const path = "spec.validation.openAPIV3Schema";

  test.each(recorded.schemas.map(({ schema, causes }) => [JSON.stringify(schema), schema, causes] as const))(
    "%s",
    (_text, schema, causes) => {
      const structural = validateStructural(schema, path);
      const errors =
        structural.length > 0 ? structural : compileRules(schema, path, { resourceRoot: true }).errors;
      expect(sortedCauses(statusCauses(errors))).toEqual(sortedCauses(causes));
    },
  );
});
