import { expect, test } from "vitest";
import type { LogRequest } from "../http/resource-request.ts";
import { ContainerLog } from "./container-log.ts";
import { answerLog } from "./pod-logs.ts";

const pod = {
  metadata: { name: "p" },
  spec: { containers: [{ name: "main" }] },
  status: { containerStatuses: [{ name: "main", state: { waiting: { reason: "ErrImagePull" } } }] },
};

let time = 1_000_000;
const log = new ContainerLog(() => (time += 1000));
log.write("one\ntw");
log.write("o\nthree");

function request(changes: Partial<LogRequest> = {}): LogRequest {
  return {
    pod,
    container: "",
    follow: false,
    previous: false,
    timestamps: false,
    tailLines: undefined,
    sinceSeconds: undefined,
    limitBytes: undefined,
    signal: new AbortController().signal,
    ...changes,
  };
}

function text(changes: Partial<LogRequest>): string {
  const answer = answerLog(request(changes), () => log, 1_002_000);
  if (!("body" in answer)) throw new Error("the answer is a stream");
  return (answer.body as { text: string }).text;
}

test.each([
  [{}, "one\ntwo\n"],
  [{ tailLines: 1 }, "two\n"],
  [{ sinceSeconds: 0 }, "two\n"],
  [{ limitBytes: 5 }, "one\nt"],
  [{ timestamps: true, tailLines: 1 }, "1970-01-01T00:16:42.000Z two\n"],
])("%j selects %j", (changes, expected) => {
  expect(text(changes)).toBe(expected);
});

test("a follower gets what comes, until the container ends", () => {
  const followed = new ContainerLog(() => 0);
  followed.write("before\n");
  const answer = answerLog(request({ follow: true }), () => followed, 0);
  if (!("stream" in answer)) throw new Error("the answer is no stream");
  const seen: string[] = [];
  answer.stream({ write: (chunk) => void seen.push(String(chunk)), end: () => void seen.push("END") });
  followed.write("after\nlast");
  followed.end();
  expect(seen).toEqual(["before\n", "after\n", "last\n", "END"]);
});

test.each([
  [{}, 'container "main" in pod "p" is waiting to start: ErrImagePull'],
  [{ previous: true }, 'previous terminated container "main" in pod "p" not found'],
  [{ container: "other" }, "container other is not valid for pod p"],
])("%j of a container without output is refused", (changes, message) => {
  expect(() => answerLog(request(changes), () => undefined, 0)).toThrow(message);
});

test("only the newest ten megabytes are kept", () => {
  const long = new ContainerLog(() => 0);
  for (let count = 0; count < 12; count++) long.write(`${String(count)}${"x".repeat(1024 * 1024)}\n`);
  expect(long.lines.length).toBeLessThanOrEqual(10);
  expect(long.lines.at(-1)?.text.startsWith("11")).toBe(true);
});
