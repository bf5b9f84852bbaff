import { getObject, getObjects, getString, type JsonObject } from "../json.ts";

/** The first of `podIPs` is `podIP`, whichever of them a client writes. */
export function syncAddresses(pod: JsonObject): void {
  const status = getObject(pod, "status");
  if (status === undefined) return;
  const ip = getString(status, "podIP");
  const [first] = getObjects(status, "podIPs");
  if (ip !== "" && first === undefined) status["podIPs"] = [{ ip }];
  else if (ip === "" && first !== undefined) status["podIP"] = getString(first, "ip");
}
