import { CelCompileError } from "./cel/cel-error.ts";
import { compileCel, createCelEnvironment, type CelProgram } from "./cel/cel-program.ts";
import { optional, type CelType } from "./cel/cel-type.ts";
import { ruleLibraries } from "./cel/rule-libraries.ts";
import { evaluateRules, type CompiledNode, type CompiledRule } from "./evaluate-rules.ts";
import { invalid, type FieldError } from "./field-error.ts";
import type { JsonSchema, ValidationRule } from "./json-schema.ts";
import type { JsonValue } from "./json-value.ts";
import { additionalSchema, itemSchema } from "./prune.ts";
import { ruleType, withRootFields } from "./rule-type.ts";

/** The CEL rules of a schema, ready to run. */
export interface SchemaRules {
  /** Rules that do not compile, with the paths of the schema. */
  readonly errors: readonly FieldError[];
  /**
   * Runs the rules on a value. Transition rules, those that name `oldSelf`, run only where an old value
   * corresponds.
   *
   * @param path Field path of the value; empty for whole objects.
   */
  evaluate(value: JsonValue, oldValue: JsonValue | undefined, path: string): FieldError[];
}

/** How the root of the schema is read. */
export interface RuleOptions {
  /** The root is an API object, whose apiVersion, kind and metadata rules may use. Default false. */
  readonly resourceRoot?: boolean;
}

/**
 * Compiles all `x-kubernetes-validations` of a structural schema.
 *
 * @param path Field path of the schema, for the errors of rules that do not compile.
 */
export function compileRules(schema: JsonSchema, path: string, options: RuleOptions = {}): SchemaRules {
  const errors: FieldError[] = [];
  const root = options.resourceRoot === true ? withRootFields(schema) : schema;
  const node = compileNode(root, { path, type: "self", uncorrelatable: undefined }, errors);
  return {
    errors,
    evaluate: (value, oldValue, at) => (node === undefined ? [] : evaluateRules(node, value, oldValue, at)),
  };
}

interface Place {
  readonly path: string;
  /** Name of the object type. */
  readonly type: string;
  /** Path of the list or map, this one or around it, whose old and new items do not correspond. */
  readonly uncorrelatable: string | undefined;
}

/** Compiles a schema and what is below it; undefined when there is no rule. */
function compileNode(schema: JsonSchema, place: Place, errors: FieldError[]): CompiledNode | undefined {
  const { path, type } = place;
  const below = (
    child: JsonSchema | undefined,
    segment: string,
    name: string,
    correlated = true,
  ): CompiledNode | undefined =>
    child === undefined
      ? undefined
      : compileNode(
          child,
          {
            path: `${path}.${segment}`,
            type: `${type}.${name}`,
            uncorrelatable: place.uncorrelatable ?? (correlated ? undefined : path),
          },
          errors,
        );
  const keyed = schema["x-kubernetes-list-type"] === "map";
  const granular = schema["x-kubernetes-map-type"] !== "atomic";
  const properties = new Map<string, CompiledNode>();
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const node = below(property, `properties[${key}]`, key, granular);
    if (node !== undefined) properties.set(key, node);
  }
  const items = below(itemSchema(schema), "items", "@idx", keyed);
  const additional = below(additionalSchema(schema), "additionalProperties", "@elem", granular);
  const rules = compileOwnRules(schema, place, errors);
  if (rules.length === 0 && properties.size === 0 && items === undefined && additional === undefined)
    return undefined;
  return { schema, rules, properties, items, additional, granular };
}

function compileOwnRules(schema: JsonSchema, place: Place, errors: FieldError[]): CompiledRule[] {
  const declared = schema["x-kubernetes-validations"] ?? [];
  const self = declared.length === 0 ? undefined : ruleType(schema, place.type);
  if (self === undefined) return [];
  return declared.flatMap((rule, index) => {
    const compiled = compileRule(rule, self, {
      ...place,
      path: `${place.path}.x-kubernetes-validations[${index}]`,
    });
    if (!("rule" in compiled)) {
      errors.push(compiled);
      return [];
    }
    return [compiled];
  });
}

function compileRule(rule: ValidationRule, self: CelType, place: Place): CompiledRule | FieldError {
  const oldSelf = rule.optionalOldSelf === true ? optional(self) : self;
  const environment = createCelEnvironment({
    variables: { self, oldSelf },
    libraries: ruleLibraries,
    homogeneousLiterals: true,
    optionals: true,
  });
  const compile = (source: string): CelProgram | string => {
    try {
      const compiled = compileCel(environment, source);
      compiled.checkConstants();
      return compiled;
    } catch (error) {
      const stage = error instanceof CelCompileError ? "compilation failed" : "program instantiation failed";
      return `${stage}: ${(error as Error).message}`;
    }
  };
  const source = rule.rule ?? "";
  const program = compile(source);
  if (typeof program === "string") return invalid(`${place.path}.rule`, source, program);
  if (program.type.kind !== "bool") {
    return invalid(`${place.path}.rule`, source, "cel expression must evaluate to a bool");
  }
  const isTransition = program.variables.has("oldSelf");
  if (isTransition && place.uncorrelatable !== undefined) {
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`;
    return invalid(`${place.path}.rule`, source, detail);
  }
  if (rule.messageExpression === undefined || rule.messageExpression === "") {
    return { rule, program, isTransition, message: undefined };
  }
  const message = compile(rule.messageExpression);
  const complaint =
    typeof message === "string"
      ? `messageExpression ${message}`
      : message.type.kind === "string"
        ? undefined
        : "messageExpression must evaluate to a string";
  if (complaint !== undefined)
    return invalid(`${place.path}.messageExpression`, rule.messageExpression, complaint);
  return { rule, program, isTransition, message: message as CelProgram };
}
