import { encodeYaml, type JsonObject } from "@package-operator/kube-yaml";

/**
 * Writes an object as YAML with template actions in it. Marks stand for the actions while the object is JSON; they are
 * replaced in its text.
 */
export interface TemplateWriter {
  /** Stands for a text that the pipeline gives. */
  text(pipeline: string): string;
  /** Stands for any value that the pipeline gives. */
  value(pipeline: string): string;
  /** Stands for a value that may be absent: its key is then, too. */
  optional(pipeline: string): string;
  /** As last element of a list: the elements of the list that the pipeline gives. */
  elements(pipeline: string): string;
  /** Whether anything was asked for. */
  readonly isUsed: boolean;
  write(object: JsonObject): string;
}

type Shape = "text" | "value" | "optional" | "elements";

export function createTemplateWriter(): TemplateWriter {
  const actions: { readonly shape: Shape; readonly pipeline: string }[] = [];
  const mark = (shape: Shape, pipeline: string): string => {
    actions.push({ shape, pipeline });
    return `KICKSTART-${actions.length - 1}-MARK`;
  };
  const replaceLine = (line: string): string => {
    const found = /^(\s*)(- )?(.*?)KICKSTART-(\d+)-MARK$/.exec(line);
    if (found === null) return line.replaceAll("{{", '{{ "{{" }}');
    const [, indent = "", dash = "", key = "", index] = found;
    const { shape, pipeline } = actions[Number(index)]!;
    switch (shape) {
      case "text":
        return `${indent}${dash}${key}{{ ${pipeline} | quote }}`;
      case "value":
        return `${indent}${dash}${key}{{ ${pipeline} | toJson }}`;
      case "optional":
        return `{{- with ${pipeline} }}\n${indent}${key}{{ toJson . }}\n{{- end }}`;
      case "elements":
        return `{{- range ${pipeline} }}\n${indent}- {{ toJson . }}\n{{- end }}`;
    }
  };
  return {
    text: (pipeline) => mark("text", pipeline),
    value: (pipeline) => mark("value", pipeline),
    optional: (pipeline) => mark("optional", pipeline),
    elements: (pipeline) => mark("elements", pipeline),
    get isUsed() {
      return actions.length > 0;
    },
    write: (object) => encodeYaml(object).split("\n").map(replaceLine).join("\n"),
  };
}

/** The pipeline that takes a value of the configuration by its path. */
export function configAt(...path: readonly string[]): string {
  return `index .config ${path.map((part) => JSON.stringify(part)).join(" ")}`;
}
