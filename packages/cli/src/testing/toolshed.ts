/** A package of three phases with one template, used by the tests of most commands. */
export const toolshed: Readonly<Record<string, string>> = {
  "manifest.yaml": `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifest
metadata:
  name: toolshed
spec:
  scopes: [Cluster, Namespaced]
  phases: [{name: prepare}, {name: run}, {name: open}]
  availabilityProbes:
  - selector: {kind: {group: apps, kind: StatefulSet}}
    probes: [{fieldsEqual: {fieldA: .spec.replicas, fieldB: .status.readyReplicas}}]
`,
  "a-plan.yaml": object("v1", "ConfigMap", "shed-plan", "prepare"),
  "b-keeper.yaml": object("v1", "ServiceAccount", "keeper", "prepare"),
  "c-shed.yaml": object("apps/v1", "StatefulSet", "shed", "run"),
  "d-service.yaml.gotmpl": object("v1", "Service", "{{ .package.metadata.name }}", "open"),
  "e-door.yaml": object("networking.k8s.io/v1", "NetworkPolicy", "shed-door", "open"),
  "README.md": "# Shed\n",
};

/** A minimal object of a package. */
export function object(apiVersion: string, kind: string, name: string, phase: string): string {
  return `apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: ${name}
  annotations:
    package-operator.run/phase: ${phase}
`;
}

/** The files of a package in a sub-folder. */
export function inFolder(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}
