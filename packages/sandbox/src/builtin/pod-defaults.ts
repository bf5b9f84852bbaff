import {
  copy,
  ensureObject,
  getObject,
  getObjects,
  getString,
  isObject,
  isTrue,
  type JsonObject,
  type JsonValue,
} from "../json.ts";

/** Sets a field that is absent. */
export function setDefault(object: JsonObject, key: string, value: JsonValue): void {
  if (object[key] === undefined) object[key] = value;
}

/** Defaults of a Pod itself, on top of those of its specification. */
export function defaultPod(pod: JsonObject): void {
  const spec = ensureObject(pod, "spec");
  defaultPodSpec(spec);
  for (const container of containersOf(spec)) defaultRequests(container);
  setDefault(spec, "enableServiceLinks", true);
  if (!isTrue(spec, "hostNetwork")) return;
  for (const port of containersOf(spec).flatMap((container) => getObjects(container, "ports"))) {
    if (port["containerPort"] !== undefined) setDefault(port, "hostPort", port["containerPort"]);
  }
}

/** Defaults of a Pod specification, as templates have them too. */
export function defaultPodSpec(spec: JsonObject): void {
  setDefault(spec, "dnsPolicy", "ClusterFirst");
  setDefault(spec, "restartPolicy", "Always");
  setDefault(spec, "securityContext", {});
  setDefault(spec, "terminationGracePeriodSeconds", 30);
  setDefault(spec, "schedulerName", "default-scheduler");
  // The old name of the field is kept in step with the new one.
  const account = getString(spec, "serviceAccountName") || getString(spec, "serviceAccount");
  if (account !== "") {
    spec["serviceAccountName"] = account;
    spec["serviceAccount"] = account;
  }
  for (const container of containersOf(spec)) defaultContainer(container);
  for (const volume of getObjects(spec, "volumes")) defaultVolume(volume);
}

/** All containers of a Pod specification: init, regular and ephemeral ones. */
export function containersOf(spec: JsonObject): JsonObject[] {
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((list) => getObjects(spec, list));
}

function defaultContainer(container: JsonObject): void {
  setDefault(container, "imagePullPolicy", defaultPullPolicy(getString(container, "image")));
  setDefault(container, "terminationMessagePath", "/dev/termination-log");
  setDefault(container, "terminationMessagePolicy", "File");
  setDefault(container, "resources", {});
  for (const port of getObjects(container, "ports")) setDefault(port, "protocol", "TCP");
  for (const variable of getObjects(container, "env")) {
    const field = getObject(variable, "valueFrom", "fieldRef");
    if (field !== undefined) setDefault(field, "apiVersion", "v1");
  }
  for (const name of ["livenessProbe", "readinessProbe", "startupProbe"]) {
    const probe = getObject(container, name);
    if (probe !== undefined) defaultProbe(probe);
  }
  for (const hook of ["postStart", "preStop"]) {
    const get = getObject(container, "lifecycle", hook, "httpGet");
    if (get !== undefined) defaultHttpGet(get);
  }
}

/** `Always` for the tag `latest`, said or implied; else `IfNotPresent`. */
function defaultPullPolicy(image: string): string {
  const [name = "", digest] = image.split("@");
  const tag = /:([^:/]+)$/.exec(name)?.[1] ?? (digest === undefined ? "latest" : "");
  return tag === "latest" ? "Always" : "IfNotPresent";
}

function defaultProbe(probe: JsonObject): void {
  setDefault(probe, "timeoutSeconds", 1);
  setDefault(probe, "periodSeconds", 10);
  setDefault(probe, "successThreshold", 1);
  setDefault(probe, "failureThreshold", 3);
  if (isObject(probe["httpGet"])) defaultHttpGet(probe["httpGet"]);
  if (isObject(probe["grpc"])) setDefault(probe["grpc"], "service", "");
}

function defaultHttpGet(get: JsonObject): void {
  setDefault(get, "path", "/");
  setDefault(get, "scheme", "HTTP");
}

/** Limits without requests are requests too. */
function defaultRequests(container: JsonObject): void {
  const limits = getObject(container, "resources", "limits");
  if (limits === undefined) return;
  const requests = ensureObject(ensureObject(container, "resources"), "requests");
  for (const [name, limit] of Object.entries(limits)) setDefault(requests, name, copy(limit));
}

function defaultVolume(volume: JsonObject): void {
  if (Object.keys(volume).every((key) => key === "name")) volume["emptyDir"] = {};
  for (const source of ["secret", "configMap", "downwardAPI", "projected"]) {
    const found = getObject(volume, source);
    if (found !== undefined) setDefault(found, "defaultMode", 0o644);
  }
  const hostPath = getObject(volume, "hostPath");
  if (hostPath !== undefined) setDefault(hostPath, "type", "");
  for (const source of getObjects(volume, "projected", "sources")) {
    const token = getObject(source, "serviceAccountToken");
    if (token !== undefined) setDefault(token, "expirationSeconds", 3600);
    defaultFieldReferences(getObjects(source, "downwardAPI", "items"));
  }
  defaultFieldReferences(getObjects(volume, "downwardAPI", "items"));
}

function defaultFieldReferences(items: readonly JsonObject[]): void {
  for (const item of items) {
    const field = getObject(item, "fieldRef");
    if (field !== undefined) setDefault(field, "apiVersion", "v1");
  }
}
