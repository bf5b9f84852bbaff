import { type FieldError, forbidden, invalid, isDns1123Label, required } from "@package-operator/schema";
import { setOf } from "../fields/field-set.ts";
import {
  ensureObject,
  getList,
  getNumber,
  getObject,
  getObjects,
  getString,
  getStrings,
  type JsonObject,
} from "../json.ts";
import type { Strategy, StrategyContext } from "../resources/strategy.ts";

/** The rules of Services, with addresses and node ports handed out from fixed ranges. */
export const serviceStrategy: Strategy = {
  validateName: isDns1123Label,
  resetFields: { "": setOf(["f:status"]), status: setOf(["f:spec"]) },
  returnsDeleted: true,
  prepareForCreate: (service, context) => {
    service["status"] = { loadBalancer: {} };
    allocate(service, context);
  },
  prepareForUpdate: (service, old, context) => {
    keepAllocated(ensureObject(service, "spec"), getObject(old, "spec") ?? {});
    allocate(service, context);
  },
  validate: validateService,
  validateStatus: (service) =>
    getString(service, "spec", "type") !== "LoadBalancer" &&
    getObjects(service, "status", "loadBalancer", "ingress").length > 0
      ? [forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'")]
      : [],
  validateUpdate: (service, old) => {
    const before = getString(old, "spec", "clusterIP");
    const after = getString(service, "spec", "clusterIP");
    const fixed = [service, old].every((object) => getString(object, "spec", "type") !== "ExternalName");
    return fixed && before !== "" && before !== after
      ? [invalid("spec.clusterIPs[0]", [after], "may not change once set")]
      : [];
  },
  selectableFields: (service) => ({
    "spec.clusterIP": getString(service, "spec", "clusterIP"),
    "spec.type": getString(service, "spec", "type"),
  }),
};

function validateService(service: JsonObject): FieldError[] {
  const spec = getObject(service, "spec") ?? {};
  const type = getString(spec, "type");
  const errors: FieldError[] = [];
  const ports = getObjects(spec, "ports");
  if (type === "ExternalName") {
    if (getString(spec, "externalName") === "") errors.push(required("spec.externalName"));
    return errors;
  }
  if (!["ClusterIP", "NodePort", "LoadBalancer"].includes(type)) {
    return [
      {
        type: "FieldValueNotSupported",
        path: "spec.type",
        badValue: type,
        detail: 'supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
      },
    ];
  }
  if (ports.length === 0 && getString(spec, "clusterIP") !== "None") errors.push(required("spec.ports"));
  if (type !== "ClusterIP" && getString(spec, "clusterIP") === "None") {
    errors.push(
      invalid("spec.clusterIPs[0]", ["None"], "may not be set to 'None' for LoadBalancer services"),
    );
  }
  for (const [index, port] of ports.entries()) {
    const number = getNumber(port, "port") ?? 0;
    if (number < 1 || number > 65_535) {
      errors.push(invalid(`spec.ports[${index}].port`, number, "must be between 1 and 65535, inclusive"));
    }
    const target = port["targetPort"];
    if (typeof target === "number" && (target < 1 || target > 65_535)) {
      errors.push(
        invalid(`spec.ports[${index}].targetPort`, target, "must be between 1 and 65535, inclusive"),
      );
    }
    if (ports.length > 1 && getString(port, "name") === "")
      errors.push(required(`spec.ports[${index}].name`));
    if (type === "ClusterIP" && (getNumber(port, "nodePort") ?? 0) > 0) {
      errors.push(forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    }
  }
  return errors;
}

/** A client that does not send what the server handed out does not mean to give it up. */
function keepAllocated(spec: JsonObject, old: JsonObject): void {
  if (getString(spec, "type") === "ExternalName") return;
  if (getString(spec, "clusterIP") === "" && getString(old, "clusterIP") !== "") {
    spec["clusterIP"] = getString(old, "clusterIP");
    spec["clusterIPs"] ??= getList(old, "clusterIPs");
  }
  for (const field of ["ipFamilies", "ipFamilyPolicy"]) {
    if (old[field] !== undefined) spec[field] ??= old[field];
  }
  if (getString(spec, "type") === "ClusterIP") return;
  for (const port of getObjects(spec, "ports")) {
    const same = getObjects(old, "ports").find(
      (item) => item["port"] === port["port"] && item["protocol"] === port["protocol"],
    );
    const number = getNumber(same, "nodePort");
    if (number !== undefined) port["nodePort"] ??= number;
  }
}

function allocate(service: JsonObject, context: StrategyContext): void {
  const spec = ensureObject(service, "spec");
  const type = getString(spec, "type");
  if (type === "ExternalName") return;
  const taken = context.list("/services");
  if (getString(spec, "clusterIP") === "") {
    spec["clusterIP"] = getStrings(spec, "clusterIPs")[0] ?? freeAddress(taken);
  }
  spec["clusterIPs"] ??= [getString(spec, "clusterIP")];
  spec["ipFamilies"] ??= ["IPv4"];
  spec["ipFamilyPolicy"] ??= "SingleStack";
  if (type === "ClusterIP") return;
  const used = new Set(
    taken.flatMap((other) => getObjects(other, "spec", "ports").map((port) => getNumber(port, "nodePort"))),
  );
  let next = 30_000;
  for (const port of getObjects(spec, "ports")) {
    if ((getNumber(port, "nodePort") ?? 0) > 0) continue;
    while (used.has(next)) next++;
    used.add(next);
    port["nodePort"] = next;
  }
}

function freeAddress(services: readonly JsonObject[]): string {
  const used = new Set(services.flatMap((service) => getStrings(service, "spec", "clusterIPs")));
  for (let number = 10; ; number++) {
    const address = `10.96.${number >> 8}.${number & 255}`;
    if (!used.has(address)) return address;
  }
}
