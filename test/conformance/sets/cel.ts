import {
  type AvailabilityProbe,
  compileProbeRule,
  compileProbes,
  createConditionEnvironment,
  isJsonObject,
  type JsonObject,
  type NamedCondition,
  type Prober,
  SchemaError,
} from "@package-operator/schema";
import { type Comparison, type VectorSet, vectorSet, withoutSyntaxDetails } from "../vector-set.ts";

interface RenderVector {
  readonly expression: string;
  readonly conditions?: NamedCondition[];
  readonly context: JsonObject;
  readonly result?: boolean;
  readonly errorClass?: string;
  readonly error?: string;
}

/** The context as the render context structure writes it: absent parts are null, optional ones missing. */
function renderContext({ config, images, dependencies, environment, ...rest }: JsonObject): JsonObject {
  const present = Object.entries(isJsonObject(environment) ? environment : {}).filter(
    ([, part]) => part !== null,
  );
  return {
    ...rest,
    config: config ?? null,
    images: images ?? null,
    dependencies: dependencies ?? null,
    environment: { kubernetes: { version: "" }, ...Object.fromEntries(present) },
  };
}

function compareRender({
  expression,
  conditions = [],
  context,
  result,
  errorClass,
  error,
}: RenderVector): Comparison {
  const expected = error === undefined ? { result } : { errorClass, error: withoutSyntaxDetails(error) };
  try {
    const environment = createConditionEnvironment(renderContext(context), conditions);
    return { expected, actual: { result: environment.evaluate(expression) } };
  } catch (cause) {
    if (!(cause instanceof SchemaError)) throw cause;
    return {
      expected,
      actual: { errorClass: cause.code.replace("cel-", ""), error: withoutSyntaxDetails(cause.message) },
    };
  }
}

interface ProbeVector {
  readonly object: JsonObject;
  readonly status?: string;
  readonly messages?: string[] | null;
  readonly errorClass?: string;
  readonly error?: string;
}

function compareProbe(vector: ProbeVector, compile: () => Prober): Comparison {
  const { object, status, messages, errorClass, error } = vector;
  const expected =
    error === undefined
      ? { status, messages: messages ?? [] }
      : { ...(errorClass === undefined ? {} : { errorClass }), error: withoutSyntaxDetails(error) };
  try {
    const result = compile().evaluate(object);
    return { expected, actual: { status: result.status, messages: result.messages } };
  } catch (cause) {
    if (!(cause instanceof SchemaError)) throw cause;
    const code = errorClass === undefined ? {} : { errorClass: cause.code.replace("cel-", "") };
    return { expected, actual: { ...code, error: withoutSyntaxDetails(cause.message) } };
  }
}

export const celSets: Readonly<Record<string, VectorSet>> = {
  cel_render: vectorSet(compareRender),
  cel_probe: vectorSet<ProbeVector & { rule: string; message: string }>(
    (vector) => compareProbe(vector, () => compileProbeRule(vector.rule, vector.message)),
    "marked",
  ),
  probe: vectorSet<ProbeVector & { probes: AvailabilityProbe[] }>(
    (vector) => compareProbe(vector, () => compileProbes(vector.probes)),
    "exact",
  ),
};
