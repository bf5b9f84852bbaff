import { decodeJson } from "../../value/decode-json.ts";
import { encodeJson, type JsonStyle } from "../../value/encode-json.ts";
import { TemplateError } from "../../errors.ts";
import type { Result } from "../../value/value.ts";
import { define, type FunctionMap, type TemplateFunction } from "../function.ts";

/** Gives a fallback where the `must` form fails; bounds still end the execution. */
function quiet(must: TemplateFunction, fallback: Result): TemplateFunction {
  return {
    ...must,
    call(args, context) {
      try {
        return must.call(args, context);
      } catch (error) {
        if (error instanceof TemplateError) throw error;
        return fallback;
      }
    },
  };
}

function encoder(style: JsonStyle): TemplateFunction {
  return define(["interface {}"], ([value], { budget }) => encodeJson(value, style, budget));
}

const mustToJson = encoder({ escapeHtml: true, pretty: false });
const mustToPrettyJson = encoder({ escapeHtml: true, pretty: true });
const mustToRawJson = encoder({ escapeHtml: false, pretty: false });
const mustFromJson = define(["string"], ([text], { budget }) => decodeJson(text, budget));

/** JSON in and out. */
export const json: FunctionMap = {
  mustToJson,
  mustToPrettyJson,
  mustToRawJson,
  mustFromJson,
  toJson: quiet(mustToJson, ""),
  toPrettyJson: quiet(mustToPrettyJson, ""),
  // Unlike its siblings this one panics where it cannot encode.
  toRawJson: mustToRawJson,
  fromJson: quiet(mustFromJson, null),
};
