import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  isDns1123Label,
  isDns1123Subdomain,
  notSupported,
  required,
} from "@package-operator/schema";
import {
  copy,
  equalJson,
  getNumber,
  getObject,
  getObjects,
  getString,
  isObject,
  type JsonObject,
} from "../json.ts";

/** Checks a Pod specification, at the path where it is embedded. */
export function validatePodSpec(spec: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  const volumes = validateVolumes(spec, path, errors);
  const containers = getObjects(spec, "containers");
  if (containers.length === 0) errors.push(required(`${path}.containers`));
  for (const list of ["containers", "initContainers"]) {
    for (const [index, container] of getObjects(spec, list).entries()) {
      const at = `${path}.${list}[${index}]`;
      errors.push(...validateContainer(container, at, volumes));
      const name = getString(container, "name");
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
  }
  const restart = getString(spec, "restartPolicy");
  if (!["Always", "OnFailure", "Never"].includes(restart)) {
    errors.push(notSupported(`${path}.restartPolicy`, restart, ["Always", "OnFailure", "Never"]));
  }
  const account = getString(spec, "serviceAccountName");
  if (account !== "") {
    errors.push(
      ...isDns1123Subdomain(account).map((detail) => invalid(`${path}.serviceAccountName`, account, detail)),
    );
  }
  return errors;
}

/** Nothing of a running Pod's specification changes but images, tolerations, deadline and grace period. */
export function validatePodUpdate(pod: JsonObject, old: JsonObject): FieldError[] {
  const spec = getObject(pod, "spec") ?? {};
  const before = getObject(old, "spec") ?? {};
  const errors: FieldError[] = [];
  for (const list of ["containers", "initContainers"]) {
    if (getObjects(spec, list).length !== getObjects(before, list).length) {
      errors.push(forbidden(`spec.${list}`, "pod updates may not add or remove containers"));
    }
  }
  if (errors.length > 0) return errors;
  if (equalJson(withoutMutable(spec, before), before)) return [];
  return [
    forbidden(
      "spec",
      "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
    ),
  ];
}

/** The new specification with everything that may change put back to what it was. */
function withoutMutable(spec: JsonObject, before: JsonObject): JsonObject {
  const masked = copy(spec);
  for (const list of ["containers", "initContainers"]) {
    for (const [index, container] of getObjects(masked, list).entries()) {
      const image = getObjects(before, list)[index]?.["image"];
      if (image !== undefined) container["image"] = image;
    }
  }
  for (const field of ["tolerations", "activeDeadlineSeconds", "terminationGracePeriodSeconds"]) {
    const value = before[field];
    if (value === undefined) delete masked[field];
    else masked[field] = value;
  }
  return masked;
}

function validateVolumes(spec: JsonObject, path: string, errors: FieldError[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [index, volume] of getObjects(spec, "volumes").entries()) {
    const at = `${path}.volumes[${index}]`;
    const name = getString(volume, "name");
    if (name === "") errors.push(required(`${at}.name`));
    else errors.push(...isDns1123Label(name).map((detail) => invalid(`${at}.name`, name, detail)));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    const sources = Object.keys(volume).filter((key) => key !== "name");
    for (const source of sources.slice(1)) {
      errors.push(forbidden(`${at}.${source}`, "may not specify more than 1 volume type"));
    }
  }
  return names;
}

function validateContainer(container: JsonObject, at: string, volumes: ReadonlySet<string>): FieldError[] {
  const errors: FieldError[] = [];
  const name = getString(container, "name");
  if (name === "") errors.push(required(`${at}.name`));
  else errors.push(...isDns1123Label(name).map((detail) => invalid(`${at}.name`, name, detail)));
  const image = getString(container, "image");
  if (image === "") errors.push(required(`${at}.image`));
  else if (image.trim() !== image) {
    errors.push(invalid(`${at}.image`, image, "must not have leading or trailing whitespace"));
  }
  const policy = getString(container, "imagePullPolicy");
  const policies = ["Always", "IfNotPresent", "Never"];
  if (!policies.includes(policy)) errors.push(notSupported(`${at}.imagePullPolicy`, policy, policies));
  errors.push(...validateEnvironment(container, at), ...validatePorts(container, at));
  const paths = new Set<string>();
  for (const [index, mount] of getObjects(container, "volumeMounts").entries()) {
    const where = `${at}.volumeMounts[${index}]`;
    const volume = getString(mount, "name");
    if (volume === "") errors.push(required(`${where}.name`));
    else if (!volumes.has(volume)) {
      errors.push({ type: "FieldValueNotFound", path: `${where}.name`, badValue: volume, detail: "" });
    }
    const mountPath = getString(mount, "mountPath");
    if (mountPath === "") errors.push(required(`${where}.mountPath`));
    if (paths.has(mountPath)) errors.push(invalid(`${where}.mountPath`, mountPath, "must be unique"));
    paths.add(mountPath);
  }
  return errors;
}

function validateEnvironment(container: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, variable] of getObjects(container, "env").entries()) {
    const where = `${at}.env[${index}]`;
    if (getString(variable, "name") === "") errors.push(required(`${where}.name`));
    const source = getObject(variable, "valueFrom");
    if (source === undefined) continue;
    if (getString(variable, "value") !== "") {
      errors.push(invalid(`${where}.valueFrom`, "", "may not be specified when `value` is not empty"));
    }
    const kinds = Object.values(source).filter(isObject).length;
    if (kinds === 0) {
      errors.push(
        invalid(
          `${where}.valueFrom`,
          "",
          "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
        ),
      );
    }
    if (kinds > 1) {
      errors.push(invalid(`${where}.valueFrom`, "", "may not have more than one field specified at a time"));
    }
  }
  return errors;
}

function validatePorts(container: JsonObject, at: string): FieldError[] {
  return getObjects(container, "ports").flatMap((port, index) => {
    const number = getNumber(port, "containerPort") ?? 0;
    const where = `${at}.ports[${index}]`;
    if (number === 0) return [required(`${where}.containerPort`)];
    return number < 1 || number > 65_535
      ? [invalid(`${where}.containerPort`, number, "must be between 1 and 65535, inclusive")]
      : [];
  });
}
