import { performance } from "node:perf_hooks";
import { loadPackage, type RawPackage, renderPackage } from "@package-operator/packaging";

const manifest = `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifest
metadata: {name: bench}
spec:
  scopes: [Cluster]
  phases: [{name: deploy}]
`;

/** One template per ten objects, each with a loop, includes and a condition annotation. */
function packageOf(objects: number): RawPackage {
  const files = new Map([["manifest.yaml", Buffer.from(manifest)]]);
  files.set("_h.gotmpl", Buffer.from(`{{ define "labels" }}app: {{ .name }}\ntier: web{{ end }}`));
  for (let file = 0; file < objects / 10; file++) {
    files.set(
      `f${file}.yaml.gotmpl`,
      Buffer.from(`{{ range $i := until 10 }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: c-${file}-{{ $i }}
  labels:
    {{- include "labels" $.package.metadata | nindent 4 }}
  annotations:
    package-operator.run/phase: deploy
    package-operator.run/condition: config.on
data: {{ dict "a" $i "b" ($.config.text | quote) | toJson }}
{{ end }}`),
    );
  }
  return { files, labels: {} };
}

for (const count of [100, 1000, 4000]) {
  const pkg = loadPackage(packageOf(count));
  const render = (): number =>
    renderPackage(pkg, {
      package: { metadata: { name: "x", namespace: "" }, image: "" },
      config: { on: true, text: "hello" },
      images: {},
      dependencies: {},
      environment: { kubernetes: { version: "v1.31.0" } },
    }).length;
  render();
  const start = performance.now();
  const rendered = render();
  const time = performance.now() - start;
  process.stdout.write(
    `packaging: ${rendered} objects in ${time.toFixed(0)} ms, ${((time * 1000) / rendered).toFixed(0)} µs each\n`,
  );
}
