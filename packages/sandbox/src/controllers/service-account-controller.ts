import { getString } from "../json.ts";
import { type ControlLoop, splitKey, startControlLoop } from "./control-loop.ts";
import type { ControllerContext } from "./controller-context.ts";
import { createLocalClient } from "./local-client.ts";

const rootAuthority = "kube-root-ca.crt";

/** Gives every namespace its `default` ServiceAccount and the certificate authority that Pods trust. */
export function startServiceAccountController(context: ControllerContext): ControlLoop {
  const { api, certificateAuthority, onError } = context;
  const client = createLocalClient(api, "service-account-controller");
  return startControlLoop({
    store: api.store,
    name: "serviceaccount",
    watches: {
      "/namespaces": (event) => [`/${getString(event.object, "metadata", "name")}`],
      "/serviceaccounts": (event) => [`/${getString(event.object, "metadata", "namespace")}`],
      "/configmaps": (event) =>
        getString(event.object, "metadata", "name") === rootAuthority
          ? [`/${getString(event.object, "metadata", "namespace")}`]
          : [],
    },
    onError,
    reconcile: (key) => {
      const { name: namespace } = splitKey(key);
      const found = client.get({ collection: "/namespaces", namespace: "", name: namespace });
      if (found === undefined || getString(found, "metadata", "deletionTimestamp") !== "") return;
      if (client.get({ collection: "/serviceaccounts", namespace, name: "default" }) === undefined) {
        client.create("/serviceaccounts", {
          apiVersion: "v1",
          kind: "ServiceAccount",
          metadata: { name: "default", namespace },
        });
      }
      if (client.get({ collection: "/configmaps", namespace, name: rootAuthority }) === undefined) {
        client.create("/configmaps", {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: {
            name: rootAuthority,
            namespace,
            annotations: {
              "kubernetes.io/description":
                "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc.",
            },
          },
          data: { "ca.crt": certificateAuthority },
        });
      }
    },
  });
}
