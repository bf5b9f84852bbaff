import { cacheLabelValue, labels } from "@package-operator/api";
import { fromJson, packageFunctions, Template, TemplateError } from "@package-operator/go-template";
import type { KubeObject } from "@package-operator/kube";
import {
  decodeYaml,
  isJsonObject,
  type JsonObject,
  splitDocuments,
  YamlError,
} from "@package-operator/kube-yaml";

/** Thrown for a template that does not parse, execute or give one manifest; shown on the template. */
export class RenderProblem extends Error {
  override readonly name = "RenderProblem";
}

/** Renders the one manifest of a template. Throws {@link RenderProblem}. */
export function renderManifest(text: string, data: JsonObject): KubeObject {
  const documents = splitDocuments(execute(text, data)).map(parseDocument);
  const manifests = documents.filter((document) => document !== null);
  const [manifest] = manifests;
  if (manifests.length !== 1 || manifest === undefined) {
    throw new RenderProblem(
      `template must render to exactly one manifest, it renders to ${manifests.length}`,
    );
  }
  if (!isJsonObject(manifest)) throw new RenderProblem("template must render to an object");
  const { apiVersion, kind, metadata } = manifest;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || !isJsonObject(metadata)) {
    throw new RenderProblem("the rendered manifest needs apiVersion, kind and metadata");
  }
  const given = isJsonObject(metadata["labels"]) ? metadata["labels"] : {};
  return {
    ...manifest,
    apiVersion,
    kind,
    metadata: {
      ...metadata,
      labels: { ...given, [labels.cache]: cacheLabelValue },
    },
  };
}

function execute(text: string, data: JsonObject): string {
  try {
    const template = new Template({ name: "", functions: packageFunctions(), missingKey: "error" });
    template.parse("", text);
    return template.execute("", fromJson(data));
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new RenderProblem(error.message.replace('executing "" ', ""), { cause: error });
  }
}

function parseDocument(text: string): ReturnType<typeof decodeYaml> {
  try {
    return decodeYaml(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new RenderProblem(`the rendered manifest is no YAML: ${error.message}`, { cause: error });
  }
}
