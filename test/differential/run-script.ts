import { mask } from "./mask.ts";
import type { Answer, Call, Peer } from "./peer.ts";
import type { Script } from "./scripts.ts";

/** What is compared: each request with its masked answer. */
export interface Exchange {
  readonly request: string;
  readonly status: number;
  readonly warnings?: string;
  readonly body: unknown;
}

/** Runs a script in a fresh namespace and gives what was said; the namespace is removed. */
export async function runScript(
  peer: Peer,
  name: string,
  script: Script,
  suffix: string,
): Promise<Exchange[]> {
  const namespace = `diff-${name}-${suffix}`;
  const inNamespace = (call: Call): Call => ({
    ...call,
    // A continue token may contain anything.
    path: call.path.replace(/^[^?]*/, (path) => path.replaceAll("NS", namespace)),
    ...(call.body === undefined ? {} : { body: replaceNamespace(call.body, namespace) }),
  });
  await peer.send({
    method: "POST",
    path: "/api/v1/namespaces",
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
  });
  // What controllers would put there: scripts run without any, or answers would depend on who was faster.
  await peer.send({
    method: "POST",
    path: `/api/v1/namespaces/${namespace}/serviceaccounts`,
    body: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } },
  });
  const answers: Answer[] = [];
  const exchanges: Exchange[] = [];
  try {
    for (const step of script) {
      const call = typeof step === "function" ? step(answers) : step;
      const answer = await peer.send(inNamespace(call));
      answers.push(answer);
      if (call.waits === true) continue;
      const shown = (value: unknown): unknown =>
        JSON.parse(JSON.stringify(mask(value) ?? null).replaceAll(namespace, "NS")) as unknown;
      exchanges.push({
        request: `${call.method} ${call.path.replaceAll(/(after|resourceVersion|continue)=[^&]+/g, "$1=<x>").replaceAll(namespace, "NS")}`,
        status: answer.status,
        ...(answer.warnings === undefined ? {} : { warnings: answer.warnings }),
        body: shown(answer.body),
      });
    }
  } finally {
    await peer.send({ method: "DELETE", path: `/api/v1/namespaces/${namespace}` });
  }
  return exchanges;
}

function replaceNamespace(body: unknown, namespace: string): unknown {
  if (typeof body === "string") return body.replaceAll("NS", namespace);
  return JSON.parse(JSON.stringify(body).replaceAll("NS", namespace)) as unknown;
}
