import { findJsonPath, SchemaError } from "@package-operator/schema";
import { formatAge } from "../builtin/print-duration.ts";
import { getNumber, getString, type JsonObject, type JsonValue, nameOf } from "../json.ts";
import type { Column, Resource } from "../resources/resource.ts";

/** A column with how to find its value. */
export interface PrinterColumn {
  readonly column: Column;
  /** JSONPath of its value. */
  readonly path: string;
}

const creation =
  "CreationTimestamp is a timestamp representing the server time when this object was created.";

/** The column every table starts with. */
export const nameColumn: Column = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Name must be unique within a namespace.",
  priority: 0,
};

/** The columns of a custom resource after its name: those of the definition, or its age when there are none. */
export function createColumns(columns: readonly JsonObject[]): PrinterColumn[] {
  const age: JsonObject = {
    name: "Age",
    type: "date",
    description: creation,
    jsonPath: ".metadata.creationTimestamp",
  };
  return (columns.length > 0 ? columns : [age]).map((column) => ({
    column: {
      name: getString(column, "name"),
      type: getString(column, "type"),
      format: getString(column, "format"),
      description: getString(column, "description"),
      priority: getNumber(column, "priority") ?? 0,
    },
    path: getString(column, "jsonPath"),
  }));
}

/** Fills the cells of one object. */
export function createCells(columns: readonly PrinterColumn[]): Resource["cells"] {
  return (object, now) => [nameOf(object), ...columns.map((column) => cell(column, object, now))];
}

function cell(
  { column, path }: PrinterColumn,
  object: JsonObject,
  now: number,
): string | number | boolean | null {
  const values = findValues(path, object);
  const [first] = values;
  if (first === undefined) return null;
  switch (column.type) {
    case "integer":
      return typeof first === "number" ? Math.trunc(first) : null;
    case "number":
      return typeof first === "number" ? first : null;
    case "boolean":
      return typeof first === "boolean" ? first : null;
    case "date":
      return typeof first === "string" ? formatAge(first, now) : "<unknown>";
    default:
      return values.map(text).join(",");
  }
}

function text(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A path that finds nothing gives an empty cell. */
function findValues(path: string, object: JsonObject): JsonValue[] {
  try {
    return findJsonPath(path, object);
  } catch (error) {
    if (error instanceof SchemaError) return [];
    throw error;
  }
}
