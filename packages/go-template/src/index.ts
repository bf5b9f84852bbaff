export { TemplateError, type TemplateErrorCode, type TemplateErrorPlace } from "./errors.ts";
export type { MissingKey } from "./exec/evaluator.ts";
export { fileFunctions, type TemplateFiles } from "./functions/files.ts";
export {
  type CallContext,
  define,
  defineVariadic,
  type FunctionMap,
  type ParameterType,
  type ParameterValues,
  type TemplateFunction,
} from "./functions/function.ts";
export { packageFunctions } from "./functions/package.ts";
export { sprigFunctions } from "./functions/sprig.ts";
export type { Budget, TemplateLimits } from "./limits.ts";
export { Template, type TemplateOptions } from "./template.ts";
export { type ByteString, decodeText, encodeText } from "./text/byte-string.ts";
export { formatData } from "./value/format-data.ts";
export { fromJson, type TemplateData } from "./value/json.ts";
export {
  GoComplex,
  GoInt,
  GoList,
  GoMap,
  GoVersion,
  int,
  int64,
  list,
  map,
  nilList,
  type Result,
  stringList,
  stringMap,
  type Value,
} from "./value/value.ts";
