import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { getNumber, getObject, getObjects, getString, isObject, type JsonObject, textOf } from "../json.ts";

/** What a probe found; the message says why it failed. */
export interface ProbeResult {
  readonly healthy: boolean;
  readonly message: string;
}

/** Asks a container once how it is. `exec` and `grpc` probes are not run and count as healthy. */
export async function runProbe(
  probe: JsonObject,
  container: JsonObject,
  address: string,
): Promise<ProbeResult> {
  const timeoutMs = (getNumber(probe, "timeoutSeconds") ?? 1) * 1000;
  const get = getObject(probe, "httpGet");
  if (get !== undefined) return probeHttp(get, container, address, timeoutMs);
  const socket = getObject(probe, "tcpSocket");
  if (socket !== undefined)
    return probeTcp(portOf(socket, container), getString(socket, "host") || address, timeoutMs);
  return { healthy: true, message: "" };
}

function probeHttp(
  get: JsonObject,
  container: JsonObject,
  address: string,
  timeoutMs: number,
): Promise<ProbeResult> {
  const secure = getString(get, "scheme") === "HTTPS";
  const host = getString(get, "host") || address;
  const port = portOf(get, container);
  const url = `${secure ? "https" : "http"}://${host}:${port}${getString(get, "path")}`;
  const headers = getObjects(get, "httpHeaders").map((header): [string, string] => [
    getString(header, "name"),
    getString(header, "value"),
  ]);
  return new Promise((resolve) => {
    const options = {
      host,
      port,
      path: getString(get, "path") || "/",
      headers: { "user-agent": "kube-probe/sandbox", ...Object.fromEntries(headers) },
      timeout: timeoutMs,
      agent: false as const,
      rejectUnauthorized: false,
    };
    const call = (secure ? httpsRequest : httpRequest)(options, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      const healthy = status >= 200 && status < 400;
      resolve({ healthy, message: healthy ? "" : `HTTP probe failed with statuscode: ${status}` });
    });
    call.on("timeout", () => call.destroy(new Error("context deadline exceeded")));
    call.on("error", (error) =>
      resolve({ healthy: false, message: `Get ${JSON.stringify(url)}: ${error.message}` }),
    );
    call.end();
  });
}

function probeTcp(port: number, host: string, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: timeoutMs });
    const finish = (healthy: boolean, message: string): void => {
      socket.destroy();
      resolve({ healthy, message });
    };
    socket.once("connect", () => finish(true, ""));
    socket.once("timeout", () => finish(false, `dial tcp ${host}:${port}: i/o timeout`));
    socket.once("error", (error) => finish(false, `dial tcp ${host}:${port}: ${error.message}`));
  });
}

/** A port by number, or by the name the container gives it. */
function portOf(action: JsonObject, container: JsonObject): number {
  const { port } = action;
  if (typeof port === "number") return port;
  const name = isObject(port) ? "" : textOf(port);
  const named = getObjects(container, "ports").find((item) => item["name"] === name);
  return getNumber(named, "containerPort") ?? Number(name);
}
