/** The manifest of a package with one phase, as scenarios vary it. */
export function manifest(options: {
  name: string;
  scopes?: readonly string[];
  phases?: readonly (string | { readonly name: string; readonly class: string })[];
  probes?: string;
  images?: Readonly<Record<string, string>>;
  extra?: string;
}): string {
  const {
    name,
    scopes = ["Cluster", "Namespaced"],
    phases = ["deploy"],
    probes = "[]",
    images = {},
    extra = "",
  } = options;
  return `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifest
metadata:
  name: ${name}
spec:
  scopes: [${scopes.join(", ")}]
  phases: [${phases.map((phase) => JSON.stringify(typeof phase === "string" ? { name: phase } : phase)).join(", ")}]
  availabilityProbes: ${probes}
  images: [${Object.entries(images)
    .map(([image, reference]) => `{name: ${image}, image: "${reference}"}`)
    .join(", ")}]
  config:
    openAPIV3Schema:
      type: object
      properties:
        value: {type: string, default: one}
        namespace: {type: string}
${extra}`;
}

/** A file with a config map of a package. */
export function configMapFile(
  name: string,
  options: { phase?: string; namespace?: string; value?: string } = {},
): string {
  const { phase = "deploy", namespace, value = "{{.config.value}}" } = options;
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
${namespace === undefined ? "" : `  namespace: ${namespace}\n`}  annotations:
    package-operator.run/phase: ${phase}
data:
  value: ${JSON.stringify(value)}
`;
}
