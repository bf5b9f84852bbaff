import { readFile } from "node:fs/promises";
import path from "node:path";
import { editYaml, isJsonObject, type JsonValue, type YamlEditor } from "@package-operator/kube-yaml";
import { type ReleaseNames, releaseReference } from "./assemble-package.ts";
import { ReleaseError } from "./errors.ts";

const FILE = "self-bootstrap-job.yaml";
const CONTAINERS = ["spec", "template", "spec", "containers"] as const;
const FLAG = "-self-bootstrap=";

/**
 * The bootstrap manifest of a release: the one of `config/` with this release's references.
 * @throws ReleaseError `input` when the Job in it does not have the shape that people edit.
 */
export async function releaseBootstrapManifest(configDir: string, names: ReleaseNames): Promise<string> {
  const editor = editYaml(await readFile(path.join(configDir, FILE), "utf8"), { source: FILE });
  const document = findJob(editor);
  const container = [...CONTAINERS, 0];
  const args = editor.get([...container, "args"], { document });
  const [argument, ...others] = Array.isArray(args) ? args : [];
  if (typeof argument !== "string" || !argument.startsWith(FLAG) || others.length > 0) {
    throw new ReleaseError(
      "input",
      `${FILE}: args of the first container must be ["${FLAG}<package image>"]`,
    );
  }
  editor.set([...container, "image"], releaseReference(names, "package-operator-manager"), { document });
  editor.set([...container, "args", 0], FLAG + releaseReference(names, "package-operator-package"), {
    document,
  });
  return editor.toString();
}

function findJob(editor: YamlEditor): number {
  for (let document = 0; document < editor.documentCount; document += 1) {
    const object: JsonValue | undefined = editor.get([], { document });
    if (isJsonObject(object) && object["kind"] === "Job") return document;
  }
  throw new ReleaseError("input", `${FILE}: there is no Job in it`);
}
