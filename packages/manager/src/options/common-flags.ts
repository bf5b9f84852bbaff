import type { FlagTable } from "./flag-set.ts";

/** Flags both managers have. */
export const commonFlags = {
  metricsAddress: {
    name: "metrics-addr",
    type: "string",
    default: ":8080",
    help: "Address of the metrics endpoint; 0 switches it off.",
  },
  probeAddress: {
    name: "health-probe-bind-address",
    type: "string",
    default: ":8081",
    help: "Address of the health and readiness endpoints; empty or 0 switches them off.",
  },
  pprofAddress: {
    name: "pprof-addr",
    type: "string",
    default: "",
    help: "Address of the profiling endpoint; empty switches it off.",
  },
  namespace: {
    name: "namespace",
    env: "PKO_NAMESPACE",
    type: "string",
    default: "",
    help: "Namespace this program runs in.",
  },
  logLevel: {
    name: "log-level",
    env: "LOG_LEVEL",
    fromEnv: (text: string): number => (/^[+-]?\d+$/.test(text) ? Number(text) : -1),
    type: "int",
    default: -1,
    help: "Verbosity: -1 errors only, 0 info, 1 and above debug.",
  },
  version: { name: "version", type: "bool", default: false, help: "Print the version and exit." },
  kubeconfig: {
    name: "kubeconfig",
    type: "string",
    default: "",
    help: "Path to a kubeconfig; without it KUBECONFIG, the pod's credentials and ~/.kube/config are tried in turn.",
  },
} satisfies FlagTable;
