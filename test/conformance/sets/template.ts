import { packageFunctions, Template, type TemplateData, TemplateError } from "@package-operator/go-template";
import { type VectorSet, vectorSet } from "../vector-set.ts";

interface TemplateVector {
  readonly template?: string;
  readonly template_b64?: string;
  readonly context: TemplateData;
  readonly output?: string;
  readonly output_b64?: string;
  readonly error?: string;
  readonly phase?: string;
}

/** Outputs are compared as bytes: templates may cut characters in two. */
function render({ template, template_b64: encoded = "", context }: TemplateVector): unknown {
  const text = template ?? Buffer.from(encoded, "base64");
  try {
    const set = new Template({ functions: packageFunctions(), missingKey: "error" }).parse("", text);
    return { output: Buffer.from(set.executeBytes("", context)).toString("latin1") };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { error: error.message, phase: error.code };
  }
}

export const templateSets: Readonly<Record<string, VectorSet>> = {
  template: vectorSet<TemplateVector>((vector) => {
    const { output = "", output_b64: encoded, error, phase = "exec" } = vector;
    const bytes = encoded === undefined ? Buffer.from(output) : Buffer.from(encoded, "base64");
    return {
      expected: error === undefined ? { output: bytes.toString("latin1") } : { error, phase },
      actual: render(vector),
    };
  }),
};
