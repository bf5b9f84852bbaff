import { StatusError } from "../errors.ts";
import type { ApiResponse } from "../http/api-response.ts";
import type { LogRequest } from "../http/resource-request.ts";
import { getObjects, getString, type JsonObject, nameOf } from "../json.ts";
import { badRequest } from "../refusals.ts";
import type { ContainerLog, LogLine } from "./container-log.ts";

/** Answers `pods/log` from what the node has kept. @throws StatusError 400 */
export function answerLog(
  request: LogRequest,
  find: (pod: JsonObject, container: string, previous: boolean) => ContainerLog | undefined,
  now: number,
): ApiResponse {
  const container = containerOf(request);
  const log = find(request.pod, container, request.previous);
  if (log === undefined) {
    if (request.previous) {
      throw badRequest(
        `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(nameOf(request.pod))} not found`,
      );
    }
    if (isRunning(request.pod, container)) return text("");
    throw badRequest(
      `container ${JSON.stringify(container)} in pod ${JSON.stringify(nameOf(request.pod))} is waiting to start: ${waitingReason(request.pod, container)}`,
    );
  }
  const format = ({ time, text: line }: LogLine): string =>
    request.timestamps ? `${new Date(time).toISOString()} ${line}\n` : `${line}\n`;
  const selected = select(log.lines, request, now).map(format).join("");
  if (!request.follow)
    return text(request.limitBytes === undefined ? selected : selected.slice(0, request.limitBytes));
  return {
    status: 200,
    headers: { "content-type": "text/plain" },
    stream: (sink) => {
      if (selected !== "") sink.write(selected);
      const stop = log.follow(
        (line) => sink.write(format(line)),
        () => sink.end(),
      );
      request.signal.addEventListener("abort", () => {
        stop();
        sink.end();
      });
    },
  };
}

function select(
  lines: readonly LogLine[],
  { sinceSeconds, tailLines }: LogRequest,
  now: number,
): readonly LogLine[] {
  const recent =
    sinceSeconds === undefined ? lines : lines.filter(({ time }) => time >= now - sinceSeconds * 1000);
  return tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - tailLines));
}

function containerOf({ pod, container }: LogRequest): string {
  const lists = ["initContainers", "containers"].map((list) =>
    getObjects(pod, "spec", list).map((spec) => getString(spec, "name")),
  );
  const [init = [], main = []] = lists;
  if (container !== "") {
    if ([...init, ...main].includes(container)) return container;
    throw badRequest(`container ${container} is not valid for pod ${nameOf(pod)}`);
  }
  const [only] = main;
  if (main.length === 1 && only !== undefined) return only;
  throw new StatusError(
    400,
    "BadRequest",
    `a container name must be specified for pod ${nameOf(pod)}, choose one of: [${main.join(" ")}]`,
  );
}

function statusOf(pod: JsonObject, container: string): JsonObject | undefined {
  const statuses = [
    ...getObjects(pod, "status", "containerStatuses"),
    ...getObjects(pod, "status", "initContainerStatuses"),
  ];
  return statuses.find((status) => status["name"] === container);
}

/** An image that is only shown as running has no output. */
function isRunning(pod: JsonObject, container: string): boolean {
  return getString(statusOf(pod, container), "state", "running", "startedAt") !== "";
}

function waitingReason(pod: JsonObject, container: string): string {
  return getString(statusOf(pod, container), "state", "waiting", "reason") || "ContainerCreating";
}

function text(content: string): ApiResponse {
  return { status: 200, headers: { "content-type": "text/plain" }, body: { text: content } };
}
