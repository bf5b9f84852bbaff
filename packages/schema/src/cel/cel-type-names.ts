import * as types from "./cel-type.ts";
import type { CelType } from "./cel-type.ts";

/** The types that an expression can name, for comparison with `type(x)`. */
export const typeIdentifiers: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ["bool", types.bool],
  ["int", types.int],
  ["uint", types.uint],
  ["double", types.double],
  ["string", types.string],
  ["bytes", types.bytes],
  ["list", types.list(types.dyn)],
  ["map", types.map(types.dyn, types.dyn)],
  ["null_type", types.nullType],
  ["type", types.typeOf(types.dyn)],
  ["google.protobuf.Duration", types.duration],
  ["google.protobuf.Timestamp", types.timestamp],
]);
