import { celFromJson } from "./cel/cel-json.ts";
import { CelCompileError } from "./cel/cel-error.ts";
import { compileCel, createCelEnvironment, type CelProgram } from "./cel/cel-program.ts";
import { dyn } from "./cel/cel-type.ts";
import { listsLibrary } from "./cel/library-lists.ts";
import { regexLibrary } from "./cel/library-regex.ts";
import { standardLibrary } from "./cel/library-standard.ts";
import { stringsLibrary } from "./cel/library-strings.ts";
import { urlLibrary } from "./cel/library-url.ts";
import { SchemaError } from "./errors.ts";
import type { JsonObject } from "./json-value.ts";

/** What a probe found; everything but `True` keeps a rollout waiting. */
export type ProbeStatus = "True" | "False" | "Unknown";

/** Result of one or more probes with the reasons in order. */
export interface ProbeResult {
  readonly status: ProbeStatus;
  readonly messages: readonly string[];
}

/** A probe ready to run on live objects; pure. */
export interface Prober {
  evaluate(object: JsonObject): ProbeResult;
}

const environment = createCelEnvironment({
  variables: { self: dyn },
  libraries: [standardLibrary, stringsLibrary, urlLibrary, regexLibrary, listsLibrary],
  homogeneousLiterals: true,
});

/**
 * Compiles a CEL rule over `self`, the live object; `message` is shown when the rule is false.
 *
 * @throws SchemaError `cel-compile`, or `cel-return-type` when the rule is not statically a bool.
 */
export function compileProbeRule(rule: string, message: string): Prober {
  const program = compile(rule);
  return {
    evaluate: (object) => {
      try {
        const self = celFromJson(object, { numbers: "exact" });
        const passed = program.evaluate(new Map([["self", self]]));
        return passed === true ? { status: "True", messages: [] } : { status: "False", messages: [message] };
      } catch (error) {
        return { status: "Unknown", messages: [`CEL program failed: ${(error as Error).message}`] };
      }
    },
  };
}

function compile(rule: string): CelProgram {
  try {
    const program = compileCel(environment, rule);
    if (program.type.kind !== "bool") {
      throw new SchemaError("cel-return-type", "cel expression must evaluate to a bool");
    }
    program.checkConstants();
    return program;
  } catch (error) {
    if (error instanceof SchemaError && error.code === "cel-return-type") throw error;
    const stage = error instanceof CelCompileError ? "compiling CEL" : "CEL program failed";
    throw new SchemaError("cel-compile", `${stage}: ${(error as Error).message}`, { cause: error });
  }
}
