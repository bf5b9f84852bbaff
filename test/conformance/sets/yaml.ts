import {
  decodeYaml,
  encodeJson,
  encodeYaml,
  type JsonValue,
  splitDocuments,
} from "@package-operator/kube-yaml";
import { outcome, type VectorSet, vectorSet } from "../vector-set.ts";

const expectedOf = (value: unknown, error: string | undefined): unknown =>
  error === undefined ? { value } : { error };

export const yamlSets: Readonly<Record<string, VectorSet>> = {
  yaml_marshal: vectorSet<{ json: JsonValue; yaml?: string; error?: string }>(({ json, yaml, error }) => ({
    expected: expectedOf(yaml, error),
    actual: outcome(() => encodeYaml(json)),
  })),
  yaml_unmarshal: vectorSet<{ yaml?: string; yaml_b64?: string; yamlToJson?: string; error?: string }>(
    (vector) => {
      const { yaml, yaml_b64: encoded = "", yamlToJson, error } = vector;
      return {
        expected: expectedOf(yamlToJson, error),
        actual: outcome(() => encodeJson(decodeYaml(yaml ?? Buffer.from(encoded, "base64")))),
      };
    },
  ),
  yaml_split: vectorSet<{ text: string; documents: string[] }>(({ text, documents }) => ({
    expected: documents,
    actual: splitDocuments(text),
  })),
};
