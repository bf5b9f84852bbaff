import { loadPackage } from "../load-package.ts";
import type { Package } from "../manifest.ts";
import type { RawPackage } from "../raw-package.ts";
import type { RenderContext } from "../render-context.ts";

/** A package of texts. */
export function rawPackage(files: Readonly<Record<string, string>>): RawPackage {
  return {
    files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
    labels: {},
  };
}

/** A small manifest named `app` with the phases `first` and `second`; `more` continues it, at the level of `spec`. */
export function manifestText(more = ""): string {
  return `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifest
metadata:
  name: app
spec:
  scopes: [Cluster, Namespaced]
  phases:
  - name: first
  - name: second
    class: default
${more}`;
}

/** Loads a package whose manifest ends with `more`. */
export function samplePackage(files: Readonly<Record<string, string>>, more = ""): Package {
  return loadPackage(rawPackage({ "manifest.yaml": manifestText(more), ...files }));
}

/** A ConfigMap document in a phase; `annotations` are further lines below `annotations:`. */
export function configMap(name: string, phase = "first", annotations: readonly string[] = []): string {
  const lines = [`package-operator.run/phase: ${phase}`, ...annotations]
    .map((line) => `    ${line}\n`)
    .join("");
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  annotations:\n${lines}`;
}

/** A context with nothing in it but a name. */
export function sampleContext(parts: Partial<RenderContext> = {}): RenderContext {
  return {
    package: { metadata: { name: "instance", namespace: "" }, image: "registry.local/app:v1" },
    config: {},
    images: {},
    dependencies: {},
    environment: { kubernetes: { version: "v1.31.0" } },
    ...parts,
  };
}

/** Code and text of what a call throws. */
export async function failure(run: () => unknown): Promise<{ code: string; message: string }> {
  try {
    await run();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
  throw new Error("did not fail");
}
