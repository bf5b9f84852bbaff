import { performance } from "node:perf_hooks";
import { decodeYaml, encodeYaml } from "@package-operator/kube-yaml";

/** A file of Deployments as packages hold them; about 1 MB. */
function sample(): string {
  const objects = Array.from({ length: 900 }, (_, index) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: `app-${index}`,
      labels: { app: "web", tier: "front" },
      annotations: { note: "a: b # c" },
    },
    spec: {
      replicas: 3,
      template: {
        spec: {
          containers: [
            {
              name: "web",
              image: `quay.io/org/web@sha256:${"ab".repeat(32)}`,
              command: ["sh", "-c", "set -e\nexec serve --port 8080\n"],
              env: [{ name: "MODE", value: "yes" }],
              resources: { limits: { cpu: "500m", memory: "128Mi" } },
            },
          ],
        },
      },
    },
  }));
  return encodeYaml(objects);
}

function megabytesPerSecond(bytes: number, run: () => unknown): string {
  for (let warm = 0; warm < 3; warm++) run();
  const rounds = 8;
  const start = performance.now();
  for (let round = 0; round < rounds; round++) run();
  return ((bytes * rounds) / 1000 / (performance.now() - start)).toFixed(1);
}

const text = sample();
const value = decodeYaml(text);
const decode = megabytesPerSecond(text.length, () => decodeYaml(text));
const encode = megabytesPerSecond(text.length, () => encodeYaml(value));
process.stdout.write(`kube-yaml: decode ${decode} MB/s, encode ${encode} MB/s (${text.length} bytes)\n`);
