import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openLayout, writeImage } from "@package-operator/oci";
import { buildPackageImage } from "@package-operator/packaging";
import { manifest as packageManifest } from "../scenarios/packages.ts";
import type { List, Thing } from "./installation.ts";
import type { LabNode } from "./lab-node.ts";
import { digestIn, prefix, pushLayout } from "./releases.ts";

/** The namespace applications run in. */
export const appNamespace = "apps";

/** Half of the applications come from the release's registry, so that overrides concern them; half do not. */
export const isMirrored = (index: number): boolean => index % 2 === 0;

const probes =
  '[{selector: {kind: {group: apps, kind: Deployment}}, probes: [{condition: {type: Available, status: "True"}}]}]';

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .package.metadata.name | quote }}
  namespace: ${appNamespace}
  annotations: {package-operator.run/phase: deploy}
spec:
  selector: {matchLabels: {app: {{ .package.metadata.name | quote }}}}
  template:
    metadata: {labels: {app: {{ .package.metadata.name | quote }}}}
    spec:
      terminationGracePeriodSeconds: 0
      securityContext: {runAsNonRoot: true, runAsUser: 10001, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: app
          image: {{ .images.app | quote }}
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
`;

/** Pushes a package that runs one container of `image`, which its lock names as it is written here. */
export async function pushApplication(
  node: LabNode,
  { reference, image, digest }: { reference: string; image: string; digest: string },
): Promise<void> {
  const files = {
    "manifest.yaml": packageManifest({ name: "app", probes, images: { app: image } }),
    "manifest.lock.yaml": `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifestLock
metadata: {creationTimestamp: "2024-01-01T00:00:00Z"}
spec: {images: [{name: app, image: "${image}", digest: "${digest}"}]}
`,
    "deployment.yaml.gotmpl": deployment,
  };
  const raw = {
    labels: {},
    files: new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])),
  };
  const folder = await mkdtemp(path.join(os.tmpdir(), "application-"));
  try {
    const layout = await openLayout(folder, { create: true });
    await writeImage(layout.repository(), await buildPackageImage(raw), { tags: ["v1"] });
    await pushLayout(node, folder, reference);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Pushes both kinds of application; the mirrored one into each of the mirrors. */
export async function pushApplications(node: LabNode, mirrors: readonly string[]): Promise<void> {
  const pause = `${node.registry}/lab/pause:1`;
  const digest = await digestIn(node, pause);
  for (const mirror of mirrors) {
    await node.exec(
      ...(["skopeo", "copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false"] as const),
      ...([`docker://${pause}`, `docker://${mirror}/apps/pause:v1`] as const),
    );
    const reference = `${mirror}/apps/app-package:v1`;
    await pushApplication(node, { reference, image: `${prefix}/apps/pause:v1`, digest });
  }
  const reference = `${node.registry}/plain/app-package:v1`;
  await pushApplication(node, { reference, image: pause, digest });
}

/** Installs applications `app-0` and so on, of both kinds. */
export async function installApplications(node: LabNode, count: number): Promise<void> {
  const packages = Array.from({ length: count }, (_, index) => {
    const repository = isMirrored(index) ? `${prefix}/apps` : `${node.registry}/plain`;
    return clusterPackage(`app-${index}`, `${repository}/app-package:v1`);
  });
  await applyObjects(node, [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: appNamespace } },
    ...packages,
  ]);
  const names = packages.map(({ metadata }) => `clusterpackage/${metadata.name}`);
  await node.kubectl("wait", "--for=condition=Available", ...names, "--timeout=180s");
}

export function clusterPackage(name: string, image: string) {
  return {
    apiVersion: "package-operator.run/v1alpha1",
    kind: "ClusterPackage",
    metadata: { name },
    spec: { image },
  };
}

/** Applies objects with kubectl. */
export async function applyObjects(node: LabNode, items: readonly object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await node.exec("bash", "-c", 'kubectl apply -f - <<<"$1"', "apply", list);
}

interface Pod extends Omit<Thing, "status"> {
  status: { containerStatuses?: { restartCount: number }[] };
}

/** Everything that would tell that an application was touched, by its name. */
export async function footprints(node: LabNode): Promise<Map<string, object>> {
  const apps = await node.get<List<Thing>>("clusterpackages");
  const deployments = await node.get<List<Thing>>("deployments", "-n", appNamespace);
  const pods = await node.get<List<Pod>>("pods", "-n", appNamespace);
  return new Map(
    apps.items
      .filter(({ metadata }) => metadata.name.startsWith("app-"))
      .map(({ metadata: { name, generation }, status }) => [
        name,
        {
          generation,
          revision: status?.revision,
          // A condition that was lost for a moment has a new time.
          available: status?.conditions
            ?.filter(({ type }) => type === "Available")
            .map((found) => [found.status, found.lastTransitionTime]),
          deployment: deployments.items.find(({ metadata }) => metadata.name === name)?.metadata.generation,
          pods: pods.items
            .filter(({ metadata }) => metadata.labels?.["app"] === name)
            .map((pod) => [pod.metadata.uid, pod.status.containerStatuses?.map((c) => c.restartCount)]),
        },
      ]),
  );
}
