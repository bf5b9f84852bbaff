import type { JsonSchema } from "@package-operator/schema";
import type { JsonValue } from "../json.ts";

/** Which scalars a field takes; `untyped` takes any. */
export type ScalarType = "string" | "numeric" | "boolean" | "untyped";

/** A list: one field as a whole, or items that different managers can own. */
export interface ListType {
  readonly element: TypeSchema;
  readonly atomic: boolean;
  /** Fields that identify an item; none for a set of scalars. */
  readonly keys: readonly string[];
}

/** An object: one field as a whole, or fields that different managers can own. */
export interface MapType {
  readonly fields: ReadonlyMap<string, TypeSchema>;
  /** Defaults of fields, which also count as key of a list item. */
  readonly defaults: ReadonlyMap<string, JsonValue>;
  /** Type of all other fields; absent when there may be none. */
  readonly element?: TypeSchema;
  readonly atomic: boolean;
}

/** What a value may be, as far as merging and ownership are concerned. */
export interface Atom {
  readonly scalar?: ScalarType;
  readonly list?: ListType;
  readonly map?: MapType;
}

/** A type that is worked out when first looked at, because types refer to themselves. */
export interface TypeSchema {
  readonly atom: Atom;
}

/** OpenAPI as the API server publishes it, with the extensions that tell how lists and maps merge. */
export interface OpenApiSchema extends Omit<
  JsonSchema,
  "properties" | "items" | "allOf" | "additionalProperties"
> {
  properties?: Record<string, OpenApiSchema>;
  items?: OpenApiSchema | OpenApiSchema[];
  allOf?: OpenApiSchema[];
  additionalProperties?: OpenApiSchema | boolean;
  "x-kubernetes-patch-strategy"?: string;
  "x-kubernetes-patch-merge-key"?: string;
  /** Recorded of the Go type: an empty value is left out, an unset one is written as null. */
  "x-omit-zero"?: boolean;
  "x-null-zero"?: boolean;
  "x-proto"?: ProtoFields;
}

/** Protobuf field numbers with the properties they fill; embedded messages fill properties of the outer object. */
export interface ProtoFields {
  readonly [number: string]: string | ProtoFields;
}

/** Any value, owned as a whole. */
export const untypedAtomic: TypeSchema = lazyType(() => ({
  scalar: "untyped",
  list: { element: untypedAtomic, atomic: true, keys: [] },
  map: { fields: new Map(), defaults: new Map(), element: untypedAtomic, atomic: true },
}));

/** Any value; objects are owned field by field, lists as a whole. */
export const untypedDeduced: TypeSchema = lazyType(() => ({
  scalar: "untyped",
  list: { element: untypedAtomic, atomic: true, keys: [] },
  map: { fields: new Map(), defaults: new Map(), element: untypedDeduced, atomic: false },
}));

/** A type from a function that runs once, when the type is first looked at. */
function lazyType(make: () => Atom): TypeSchema {
  let made: Atom | undefined;
  return {
    get atom(): Atom {
      made ??= make();
      return made;
    },
  };
}

/** How {@link createType} finds the target of a `$ref`, by the last part of its path. */
export type TypeResolver = (name: string) => TypeSchema;

/**
 * The type of a schema, by the rules of kube-openapi's `schemaconv`.
 *
 * @param preserve Whether an enclosing schema keeps unknown fields.
 */
export function createType(schema: OpenApiSchema, resolve: TypeResolver, preserve = false): TypeSchema {
  const reference = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined);
  if (reference !== undefined) {
    const target = resolve(reference.slice(reference.lastIndexOf("/") + 1));
    const mapType = schema["x-kubernetes-map-type"];
    if (mapType === undefined) return target;
    return lazyType(() => withMapType(target.atom, mapType === "atomic"));
  }
  const keep = preserve || schema["x-kubernetes-preserve-unknown-fields"] === true;
  return lazyType(() => {
    switch (schema.type) {
      case undefined:
      case "":
        return {
          scalar: "untyped",
          list: createListType(schema, resolve, keep),
          map: createMapType(schema, resolve, keep),
        };
      case "object":
        return { map: createMapType(schema, resolve, keep) };
      case "array":
        return { list: createListType(schema, resolve, keep) };
      default:
        return { scalar: scalarType(schema.type, schema.format) };
    }
  });
}

function withMapType(atom: Atom, atomic: boolean): Atom {
  return atom.map === undefined ? atom : { ...atom, map: { ...atom.map, atomic } };
}

function scalarType(type: string, format = ""): ScalarType {
  if (type === "integer" || type === "number") return "numeric";
  if (type === "boolean") return "boolean";
  return type === "string" && (format === "" || format === "byte") ? "string" : "untyped";
}

function createMapType(schema: OpenApiSchema, resolve: TypeResolver, keep: boolean): MapType {
  const properties = Object.entries(schema.properties ?? {});
  const fields = new Map(properties.map(([name, field]) => [name, createType(field, resolve, keep)]));
  const defaults = new Map(
    properties.flatMap(([name, field]): [string, JsonValue][] =>
      field.default === undefined ? [] : [[name, field.default]],
    ),
  );
  const atomic = schema["x-kubernetes-map-type"] === "atomic";
  const more = schema.additionalProperties;
  if (typeof more === "object") return { fields, defaults, atomic, element: createType(more, resolve, keep) };
  const open = more === undefined ? keep || properties.length === 0 : more;
  return open ? { fields, defaults, atomic, element: untypedDeduced } : { fields, defaults, atomic };
}

function createListType(schema: OpenApiSchema, resolve: TypeResolver, keep: boolean): ListType {
  const items = Array.isArray(schema.items) ? undefined : schema.items;
  const element = items === undefined ? untypedAtomic : createType(items, resolve, keep);
  const listType = schema["x-kubernetes-list-type"];
  if (listType !== undefined) {
    const keys = listType === "map" ? (schema["x-kubernetes-list-map-keys"] ?? []) : [];
    return { element, atomic: listType === "atomic", keys };
  }
  const strategy = schema["x-kubernetes-patch-strategy"];
  const mergeKey = schema["x-kubernetes-patch-merge-key"];
  const associative = strategy === "merge" || strategy === "merge,retainKeys";
  return { element, atomic: !associative, keys: associative && mergeKey !== undefined ? [mergeKey] : [] };
}
