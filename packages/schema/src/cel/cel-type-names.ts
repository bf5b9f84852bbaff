import * as types from "./cel-type.ts";
import type { CelType } from "./cel-type.ts";

/** Messages whose names type-check, but mean nothing when an expression runs. */
export const messageTypes: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ["google.protobuf.Any", types.any],
  ["google.protobuf.Value", types.dyn],
  ["google.protobuf.Struct", types.map(types.string, types.dyn)],
  ["google.protobuf.ListValue", types.list(types.dyn)],
  ["google.protobuf.BoolValue", types.opaque("wrapper(bool)")],
  ["google.protobuf.BytesValue", types.opaque("wrapper(bytes)")],
  ["google.protobuf.DoubleValue", types.opaque("wrapper(double)")],
  ["google.protobuf.FloatValue", types.opaque("wrapper(double)")],
  ["google.protobuf.Int32Value", types.opaque("wrapper(int)")],
  ["google.protobuf.Int64Value", types.opaque("wrapper(int)")],
  ["google.protobuf.StringValue", types.opaque("wrapper(string)")],
  ["google.protobuf.UInt32Value", types.opaque("wrapper(uint)")],
  ["google.protobuf.UInt64Value", types.opaque("wrapper(uint)")],
]);

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
  ["type", types.opaque("type")],
  ["google.protobuf.Duration", types.duration],
  ["google.protobuf.Timestamp", types.timestamp],
  ...messageTypes,
]);
