import { annotations, cacheLabelValue, labels } from "@package-operator/api";
import type { ApiResource, KubeObject } from "@package-operator/kube";
import type { Revision } from "./revision-context.ts";

/** The object as it goes to the server, except for its owners: namespace, labels and revision in, status out. */
export function desiredObject(
  manifest: KubeObject,
  revision: Revision,
  resource: Pick<ApiResource, "namespaced">,
): KubeObject {
  const { status: _status, ...body } = manifest;
  const { namespace: given, creationTimestamp: _created, ...metadata } = manifest.metadata;
  const namespace = resource.namespaced ? given || revision.namespace : "";
  return {
    ...body,
    metadata: {
      ...metadata,
      ...(namespace === "" ? {} : { namespace }),
      labels: { ...metadata.labels, [labels.cache]: cacheLabelValue, ...revision.labels },
      annotations: { ...metadata.annotations, [annotations.revision]: String(revision.number) },
    },
  };
}
