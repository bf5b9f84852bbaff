import { parseReference } from "@package-operator/image";
import type { ContentTarget } from "../content.ts";
import { OciError } from "../errors.ts";
import type { ClientEvent, RegistryClientOptions } from "./client-options.ts";
import { matchesHost } from "./host.ts";
import { createLimiter } from "./limiter.ts";
import { createRegistrySession, type RegistrySession } from "./registry-session.ts";
import { createRepository } from "./repository.ts";
import { systemTiming } from "./retry.ts";
import { createTransport, type TransportAnswer } from "./transport.ts";

/** Access to registries. Connections, tokens and limits are shared by everything that one client is asked for. */
export interface RegistryClient {
  /** One repository, e.g. `("quay.io", "team/app")`; sends nothing by itself. */
  repository(registry: string, repository: string): ContentTarget;
  /** The repository and the tag or digest of an image reference. Throws the `image` package's error for a bad one. */
  image(reference: string): { readonly repository: ContentTarget; readonly reference: string };
  /** Ends all connections; requests under way fail. */
  close(): Promise<void>;
}

const anonymous = { credentials: (): Promise<undefined> => Promise.resolve(undefined) };

/** Makes a client; nothing is sent before something is asked for. */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  const timing = options.timing ?? systemTiming;
  const sessions = new Map<string, RegistrySession>();
  const emit = (event: ClientEvent): void => options.onEvent?.(event);
  const transport = createTransport({
    ca: options.ca ?? [],
    env: options.env ?? {},
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
  });

  const limiter = (registry: string): ReturnType<typeof createLimiter> =>
    createLimiter({
      max: options.concurrency ?? 8,
      timing,
      onChange: (limit) => emit({ type: "concurrency", registry, limit }),
    });

  const sessionFor = (registry: string): RegistrySession => {
    const known = sessions.get(registry);
    if (known !== undefined) return known;
    const session = createRegistrySession({
      registry,
      transport,
      timing,
      keychain: options.keychain ?? anonymous,
      isInsecure: (host) => matchesHost(host, options.insecureHosts),
      resolve: checkResolve(options.resolve ?? {}),
      userAgent: options.userAgent ?? "package-operator",
      policy: {
        timing,
        retries: options.retries ?? 5,
        onRetry: (error, attempt, delayMs) =>
          emit({ type: "retry", registry, reason: error.message, attempt, delayMs }),
      },
      limiters: { read: limiter(registry), write: limiter(registry) },
      onAnswer: (answer) => {
        const quota = readQuota(answer);
        if (quota !== undefined) emit({ type: "quota", registry, ...quota });
      },
    });
    sessions.set(registry, session);
    return session;
  };

  const repository = (registry: string, name: string): ContentTarget =>
    createRepository(sessionFor(registry), name, { chunkSize: options.chunkSize });
  return {
    repository,
    image(text) {
      const reference = parseReference(text);
      return {
        repository: repository(reference.registry, reference.repository),
        reference: reference.identifier,
      };
    },
    close: () => transport.close(),
  };
}

function checkResolve(resolve: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [host, place] of Object.entries(resolve)) {
    const isUrl = URL.canParse(place) && /^https?:$/.test(new URL(place).protocol);
    if (!isUrl) throw new OciError("invalid-argument", `"${place}" for ${host} is not an http or https URL`);
  }
  return resolve;
}

/** Docker Hub's `ratelimit-limit: 100;w=21600` and `ratelimit-remaining`. */
function readQuota(
  answer: TransportAnswer,
): { readonly limit: number; readonly remaining: number } | undefined {
  const limit = Number.parseInt(String(answer.headers["ratelimit-limit"]), 10);
  const remaining = Number.parseInt(String(answer.headers["ratelimit-remaining"]), 10);
  return Number.isNaN(limit) || Number.isNaN(remaining) ? undefined : { limit, remaining };
}
