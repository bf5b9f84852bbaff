import {
  getNumber,
  getObject,
  getObjects,
  getString,
  getStringMap,
  getStrings,
  isTrue,
  type JsonObject,
  type JsonValue,
  labelsOf,
  nameOf,
} from "../json.ts";
import { podCells } from "./pod-printer.ts";
import { formatAge, formatDuration } from "./print-duration.ts";

type Cell = string | number | boolean | null;

const none = "<none>";

/** The cells of one object for `kubectl get`, in the order of the recorded columns; unknown kinds: name and age. */
export function cellsOf(collection: string, object: JsonObject, now: number): Cell[] {
  const print = printers[collection];
  return print === undefined ? [nameOf(object), ageOf(object, now)] : print(object, now);
}

const printers: Readonly<Record<string, (object: JsonObject, now: number) => Cell[]>> = {
  "/namespaces": (object, now) => [nameOf(object), getString(object, "status", "phase"), ageOf(object, now)],
  "/configmaps": (object, now) => [
    nameOf(object),
    countKeys(object, "data") + countKeys(object, "binaryData"),
    ageOf(object, now),
  ],
  "/secrets": (object, now) => [
    nameOf(object),
    getString(object, "type"),
    countKeys(object, "data"),
    ageOf(object, now),
  ],
  "/pods": podCells,
  "/services": serviceCells,
  "/endpoints": (object, now) => [nameOf(object), endpointsText(object), ageOf(object, now)],
  "/events": eventCells,
  "/nodes": nodeCells,
  "apps/deployments": deploymentCells,
  "apps/replicasets": replicaSetCells,
  "batch/jobs": jobCells,
  "rbac.authorization.k8s.io/roles": createdCells,
  "rbac.authorization.k8s.io/clusterroles": createdCells,
  "rbac.authorization.k8s.io/rolebindings": bindingCells,
  "rbac.authorization.k8s.io/clusterrolebindings": bindingCells,
  "apiextensions.k8s.io/customresourcedefinitions": createdCells,
  "coordination.k8s.io/leases": (object, now) => [
    nameOf(object),
    getString(object, "spec", "holderIdentity"),
    ageOf(object, now),
  ],
  "networking.k8s.io/networkpolicies": (object, now) => [
    nameOf(object),
    selectorText(getObject(object, "spec", "podSelector")),
    ageOf(object, now),
  ],
  "policy/poddisruptionbudgets": (object, now) => [
    nameOf(object),
    scalarText(object, "spec", "minAvailable") ?? "N/A",
    scalarText(object, "spec", "maxUnavailable") ?? "N/A",
    getNumber(object, "status", "disruptionsAllowed") ?? 0,
    ageOf(object, now),
  ],
};

/** How long ago an object was created, as `kubectl get` shows it. */
function ageOf(object: JsonObject, now: number): string {
  return formatAge(getString(object, "metadata", "creationTimestamp"), now);
}

function createdCells(object: JsonObject): Cell[] {
  return [nameOf(object), getString(object, "metadata", "creationTimestamp")];
}

function serviceCells(object: JsonObject, now: number): Cell[] {
  const ports = getObjects(object, "spec", "ports").map((port) => {
    const node = getNumber(port, "nodePort") ?? 0;
    const number = getNumber(port, "port") ?? 0;
    return `${number}${node > 0 ? `:${node}` : ""}/${getString(port, "protocol")}`;
  });
  const type = getString(object, "spec", "type");
  const external = [
    ...getObjects(object, "status", "loadBalancer", "ingress").map(
      (entry) => getString(entry, "ip") || getString(entry, "hostname"),
    ),
    ...getStrings(object, "spec", "externalIPs"),
  ];
  const pending = type === "LoadBalancer" ? "<pending>" : none;
  return [
    nameOf(object),
    type,
    getString(object, "spec", "clusterIP") || none,
    type === "ExternalName" ? getString(object, "spec", "externalName") : external.join(",") || pending,
    ports.join(",") || none,
    ageOf(object, now),
    mapText(getStringMap(object, "spec", "selector")),
  ];
}

function endpointsText(object: JsonObject): string {
  const addresses = getObjects(object, "subsets").flatMap((subset) =>
    getObjects(subset, "addresses").flatMap((address) =>
      getObjects(subset, "ports").map(
        (port) => `${getString(address, "ip")}:${getNumber(port, "port") ?? 0}`,
      ),
    ),
  );
  if (addresses.length === 0) return none;
  const more = addresses.length - 3;
  return addresses.slice(0, 3).join(",") + (more > 0 ? ` + ${more} more...` : "");
}

function eventCells(object: JsonObject, now: number): Cell[] {
  const last =
    getString(object, "lastTimestamp") ||
    getString(object, "eventTime") ||
    getString(object, "metadata", "creationTimestamp");
  const first = getString(object, "firstTimestamp") || getString(object, "eventTime") || last;
  const involved = getObject(object, "involvedObject") ?? {};
  const source = [getString(object, "source", "component"), getString(object, "source", "host")];
  return [
    formatAge(last, now),
    getString(object, "type"),
    getString(object, "reason"),
    `${getString(involved, "kind").toLowerCase()}/${getString(involved, "name")}`,
    getString(involved, "fieldPath"),
    source.filter((part) => part !== "").join(", ") || getString(object, "reportingComponent"),
    getString(object, "message").trim(),
    formatAge(first, now),
    getNumber(object, "count") ?? 1,
    nameOf(object),
  ];
}

function nodeCells(object: JsonObject, now: number): Cell[] {
  const ready = getObjects(object, "status", "conditions").find((item) => item["type"] === "Ready");
  const states = [ready === undefined ? "Unknown" : ready["status"] === "True" ? "Ready" : "NotReady"];
  if (isTrue(object, "spec", "unschedulable")) states.push("SchedulingDisabled");
  const prefix = "node-role.kubernetes.io/";
  const roles = Object.keys(labelsOf(object)).flatMap((label) =>
    label.startsWith(prefix) ? [label.slice(prefix.length)] : [],
  );
  const address = (type: string): string =>
    getString(
      getObjects(object, "status", "addresses").find((item) => item["type"] === type),
      "address",
    ) || none;
  const info = getObject(object, "status", "nodeInfo") ?? {};
  const text = (key: string): string => getString(info, key) || "<unknown>";
  return [
    nameOf(object),
    states.join(","),
    roles.toSorted().join(",") || none,
    ageOf(object, now),
    getString(info, "kubeletVersion"),
    address("InternalIP"),
    address("ExternalIP"),
    text("osImage"),
    text("kernelVersion"),
    text("containerRuntimeVersion"),
  ];
}

function deploymentCells(object: JsonObject, now: number): Cell[] {
  const status = (key: string): number => getNumber(object, "status", key) ?? 0;
  return [
    nameOf(object),
    `${status("readyReplicas")}/${getNumber(object, "spec", "replicas") ?? 0}`,
    status("updatedReplicas"),
    status("availableReplicas"),
    ageOf(object, now),
    ...templateCells(object),
    selectorText(getObject(object, "spec", "selector")),
  ];
}

function replicaSetCells(object: JsonObject, now: number): Cell[] {
  return [
    nameOf(object),
    getNumber(object, "spec", "replicas") ?? 0,
    getNumber(object, "status", "replicas") ?? 0,
    getNumber(object, "status", "readyReplicas") ?? 0,
    ageOf(object, now),
    ...templateCells(object),
    selectorText(getObject(object, "spec", "selector")),
  ];
}

function jobCells(object: JsonObject, now: number): Cell[] {
  const completions = getNumber(object, "spec", "completions");
  const parallelism = getNumber(object, "spec", "parallelism") ?? 0;
  const wanted = completions ?? (parallelism > 1 ? `1 of ${parallelism}` : 1);
  const start = getString(object, "status", "startTime");
  const end = getString(object, "status", "completionTime");
  const duration =
    start === "" ? "" : formatDuration((end === "" ? now : Date.parse(end)) - Date.parse(start));
  const condition = (type: string): boolean =>
    getObjects(object, "status", "conditions").some(
      (item) => item["type"] === type && item["status"] === "True",
    );
  const state = ["Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet"].find(condition);
  const shown: Record<string, string> = { FailureTarget: "Terminating" };
  return [
    nameOf(object),
    state === undefined ? "Running" : (shown[state] ?? state),
    `${getNumber(object, "status", "succeeded") ?? 0}/${wanted}`,
    duration,
    ageOf(object, now),
    ...templateCells(object),
    selectorText(getObject(object, "spec", "selector")),
  ];
}

function bindingCells(object: JsonObject, now: number): Cell[] {
  const subjects = getObjects(object, "subjects");
  const of = (kind: string, text: (subject: JsonObject) => string): string =>
    subjects
      .filter((subject) => subject["kind"] === kind)
      .map(text)
      .join(", ");
  return [
    nameOf(object),
    `${getString(object, "roleRef", "kind")}/${getString(object, "roleRef", "name")}`,
    ageOf(object, now),
    of("User", (subject) => getString(subject, "name")),
    of("Group", (subject) => getString(subject, "name")),
    of("ServiceAccount", (subject) => `${getString(subject, "namespace")}/${getString(subject, "name")}`),
  ];
}

function templateCells(object: JsonObject): Cell[] {
  const containers = getObjects(object, "spec", "template", "spec", "containers");
  return [
    containers.map((container) => getString(container, "name")).join(","),
    containers.map((container) => getString(container, "image")).join(","),
  ];
}

function selectorText(selector: JsonObject | undefined): string {
  if (selector === undefined) return none;
  const labels = Object.entries(getStringMap(selector, "matchLabels")).map(
    ([key, value]) => `${key}=${value}`,
  );
  const expressions = getObjects(selector, "matchExpressions").map((item) => {
    const key = getString(item, "key");
    const values = getStrings(item, "values").toSorted().join(",");
    const forms: Record<string, string> = {
      In: `${key} in (${values})`,
      NotIn: `${key} notin (${values})`,
      Exists: key,
      DoesNotExist: `!${key}`,
    };
    return forms[getString(item, "operator")] ?? key;
  });
  return [...labels.toSorted(), ...expressions].join(",") || none;
}

function mapText(map: Readonly<Record<string, string>>): string {
  return (
    Object.entries(map)
      .map(([key, value]) => `${key}=${value}`)
      .toSorted()
      .join(",") || none
  );
}

function scalarText(object: JsonObject, ...path: string[]): string | undefined {
  const last = path.at(-1) ?? "";
  const value: JsonValue | undefined = getObject(object, ...path.slice(0, -1))?.[last];
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function countKeys(object: JsonObject, field: string): number {
  return Object.keys(getObject(object, field) ?? {}).length;
}
