import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { listenLocally } from "./local-server.ts";

/** One thing that goes wrong with a request. */
export type Fault =
  /** Answers instead of the registry, after reading the request. */
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Cuts the connection after this many bytes of the answer's body. */
  | { readonly kind: "cut-answer"; readonly after: number }
  /** Cuts the connection after this many bytes of the request's body have reached the registry. */
  | { readonly kind: "cut-request"; readonly after: number }
  /** Changes one bit of the answer's body. */
  | { readonly kind: "flip-answer"; readonly at: number }
  /** Changes one bit of the request's body. */
  | { readonly kind: "flip-request"; readonly at: number }
  /** Ends the answer early but whole, with a length to match. */
  | { readonly kind: "shorten-answer"; readonly by: number };

/** A request as a rule sees it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

/** A registry with faults. */
export interface FaultProxy {
  /** `host:port` to use in the place of the registry's. */
  readonly address: string;
  /** All requests so far, oldest first. */
  readonly seen: readonly SeenRequest[];
  /** Applies a fault to the next request that a rule accepts, once per call. */
  inject(rule: (request: SeenRequest) => boolean, fault: Fault): void;
  /** Number of faults that no request has met yet. */
  readonly pending: number;
  close(): Promise<void>;
}

/** Stands between a client and a registry at `host:port`. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const seen: SeenRequest[] = [];
  const faults: { rule: (request: SeenRequest) => boolean; fault: Fault }[] = [];
  const server = createServer((request, response) => {
    const facts = { method: request.method ?? "", path: request.url ?? "", headers: request.headers };
    seen.push(facts);
    const index = faults.findIndex(({ rule }) => rule(facts));
    const fault = index < 0 ? undefined : faults.splice(index, 1)[0]!.fault;
    if (fault?.kind === "status") {
      request.resume();
      request.on("end", () => response.writeHead(fault.status, fault.headers).end());
      return;
    }
    forward(target, request, response, fault);
  });
  const { port, close } = await listenLocally(server);
  return {
    address: `127.0.0.1:${port}`,
    seen,
    inject: (rule, fault) => void faults.push({ rule, fault }),
    get pending() {
      return faults.length;
    },
    close,
  };
}

function forward(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
): void {
  const [host, port] = target.split(":");
  const upstream = httpRequest({
    host,
    port,
    method: request.method,
    path: request.url,
    headers: request.headers,
  });
  const cut = (): void => {
    upstream.destroy();
    // Destroying a request that has been read leaves its connection open.
    request.socket.destroy();
  };
  upstream.on("error", cut);
  upstream.on("response", (answer) => void passAnswer(answer, response, fault, cut));
  passRequest(request, upstream, fault, cut);
}

function passRequest(
  request: IncomingMessage,
  upstream: ReturnType<typeof httpRequest>,
  fault: Fault | undefined,
  cut: () => void,
): void {
  let position = 0;
  request.on("error", () => upstream.destroy());
  request.on("end", () => upstream.end());
  // Events, because leaving an iteration early would end the connection before the registry has what came until then.
  request.on("data", (chunk: Buffer) => {
    const start = position;
    position += chunk.length;
    if (fault?.kind === "flip-request") flip(chunk, fault.at - start);
    if (fault?.kind === "cut-request" && position > fault.after) {
      if (start <= fault.after) upstream.write(chunk.subarray(0, fault.after - start), cut);
      return;
    }
    upstream.write(chunk);
  });
}

async function passAnswer(
  answer: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  cut: () => void,
): Promise<void> {
  const headers = { ...answer.headers };
  const length = Number(headers["content-length"] ?? 0);
  const limit = fault?.kind === "shorten-answer" ? length - fault.by : Infinity;
  if (fault?.kind === "shorten-answer") headers["content-length"] = `${limit}`;
  response.writeHead(answer.statusCode ?? 502, headers);
  let position = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (fault?.kind === "flip-answer") flip(chunk, fault.at - position);
    if (fault?.kind === "cut-answer" && position + chunk.length > fault.after) {
      response.write(chunk.subarray(0, fault.after - position), () => cut());
      return;
    }
    response.write(chunk.subarray(0, Math.max(0, limit - position)));
    position += chunk.length;
  }
  response.end();
}

function flip(chunk: Buffer, at: number): void {
  if (at >= 0 && at < chunk.length) chunk[at]! ^= 1;
}
