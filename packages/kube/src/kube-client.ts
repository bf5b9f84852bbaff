import { parseBody } from "./json-body.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { createDiscovery, type Discovery } from "./discovery.ts";
import type { ApiResource } from "./api-resource.ts";
import { isNotFound, isKubeError, KubeError } from "./errors.ts";
import type { RequestObserver } from "./exchange.ts";
import type { ApiObject, KindRef, KubeObject, ObjectList, ObjectRef } from "./object.ts";
import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  Patch,
  SelectOptions,
  WatchOptions,
  WriteOptions,
} from "./options.ts";
import {
  applyRequest,
  createRequest,
  deleteRequest,
  getRequest,
  type KubeRequest,
  listRequest,
  patchRequest,
  updateRequest,
  watchRequest,
} from "./request.ts";
import { createTransport, type RawResponse, type Transport } from "./transport.ts";
import { decodeWatch, type WatchEvent } from "./watch.ts";

/**
 * A client of one cluster. Objects are plain JSON. All calls throw {@link KubeError}; a kind the server does not
 * serve gives `UnknownKind` after discovery was asked again.
 */
export interface KubeClient {
  /** Base URL of the server. */
  readonly server: string;
  /** Namespace of the configuration, `default` when it names none. */
  readonly namespace: string;
  readonly discovery: Discovery;
  get<T extends ApiObject = KubeObject>(ref: ObjectRef, options?: GetOptions): Promise<T>;
  /** Like `get`, but undefined when the object does not exist (an unknown kind still throws). */
  find<T extends ApiObject = KubeObject>(ref: ObjectRef, options?: GetOptions): Promise<T | undefined>;
  list<T extends ApiObject = KubeObject>(kind: KindRef, options?: ListOptions): Promise<ObjectList<T>>;
  /** Ends when the server ends it; throws for error events (`isExpired` means: list again). */
  watch<T extends ApiObject = KubeObject>(
    kind: KindRef,
    options?: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>;
  create<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T>;
  update<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T>;
  /** `update` of the status subresource. */
  updateStatus<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T>;
  patch<T extends ApiObject = KubeObject>(ref: ObjectRef, patch: Patch, options?: WriteOptions): Promise<T>;
  /** Server-side apply. `metadata.managedFields` must be absent. */
  apply<T extends ApiObject = KubeObject>(object: ApiObject, options: ApplyOptions): Promise<T>;
  /** Resolves when the server accepted; finalizers may keep the object for longer. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<void>;
  deleteCollection(kind: KindRef, options?: DeleteOptions & SelectOptions): Promise<void>;
  /** Sends any request, throwing for answers of 400 and above. */
  raw(request: KubeRequest, options?: CallOptions): Promise<RawResponse>;
  /** Like `raw`, with the body as it arrives: logs and the like. */
  stream(request: KubeRequest, options?: CallOptions): Promise<AsyncIterable<Uint8Array>>;
  /** Ends open watches and connections. */
  close(): Promise<void>;
}

/** Options of a client. */
export interface KubeClientOptions {
  /** Field manager of writes that name none and are no apply; the server derives one from the user agent otherwise. */
  fieldManager?: string | undefined;
  /** Default `package-operator`. */
  userAgent?: string | undefined;
  /** Proxy variables and the environment of exec plugins. Default: none. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  clock?: Clock | undefined;
  /** Called once per request sent, for `rest_client_requests_total{code,host,method}`. */
  onRequest?: RequestObserver | undefined;
}

/** Makes a client; nothing is sent before the first call. */
export function createKubeClient(config: ClusterConfig, options: KubeClientOptions = {}): KubeClient {
  const transport = createTransport(config, {
    clock: options.clock ?? systemClock,
    env: options.env ?? {},
    userAgent: options.userAgent ?? "package-operator",
    onRequest: options.onRequest,
  });
  return createClientOver(transport, {
    server: config.server,
    namespace: config.namespace,
    fieldManager: options.fieldManager,
  });
}

/** The typed calls over a transport. */
function createClientOver(
  transport: Transport,
  settings: { server: string; namespace: string; fieldManager: string | undefined },
): KubeClient {
  const discovery = createDiscovery(transport);

  /** Looks the kind up, sends, and notices kinds that are no longer served. */
  async function call<T>(
    kind: KindRef,
    build: (resource: ApiResource) => KubeRequest,
    { signal, send }: CallOptions & { send: (request: KubeRequest) => Promise<T> },
  ): Promise<T> {
    const resource = await discovery.resourceFor(kind, { signal });
    const request = build(resource);
    try {
      return await send(request);
    } catch (error) {
      if (!isGone(error)) throw error;
      discovery.invalidate(kind.apiVersion);
      throw new KubeError(
        "UnknownKind",
        `no matches for kind "${kind.kind}" in version "${kind.apiVersion}"`,
        {
          cause: error,
        },
      );
    }
  }

  function exchange(
    kind: KindRef,
    build: (resource: ApiResource) => KubeRequest,
    { signal }: CallOptions,
  ): Promise<unknown> {
    return call(kind, build, {
      signal,
      send: async (request) => decode(request, (await transport.send(request, { signal })).body),
    });
  }

  async function exchangeObject<T>(
    kind: KindRef,
    build: (resource: ApiResource) => KubeRequest,
    options: CallOptions,
  ): Promise<T> {
    return withKind(await exchange(kind, build, options), kind) as T;
  }

  const withManager = (options: WriteOptions): WriteOptions => ({
    ...options,
    fieldManager: options.fieldManager ?? settings.fieldManager,
  });

  const client: KubeClient = {
    server: settings.server,
    namespace: settings.namespace,
    discovery,
    get: (ref, options = {}) =>
      exchangeObject(ref, (resource) => getRequest(resource, ref, options), options),
    async find<T extends ApiObject = KubeObject>(ref: ObjectRef, options: GetOptions = {}) {
      try {
        return await client.get<T>(ref, options);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async list<T extends ApiObject = KubeObject>(
      kind: KindRef,
      options: ListOptions = {},
    ): Promise<ObjectList<T>> {
      const items: T[] = [];
      for (let continueToken: string | undefined; ;) {
        const request = (resource: ApiResource) => listRequest(resource, { ...options, continueToken });
        const page = (await exchange(kind, request, options)) as ListPage<T>;
        for (const item of page.items ?? []) items.push(withKind(item, kind) as T);
        continueToken = page.metadata?.continue;
        if (!continueToken) return { items, resourceVersion: page.metadata?.resourceVersion ?? "" };
      }
    },
    async *watch<T extends ApiObject = KubeObject>(
      kind: KindRef,
      options: WatchOptions = {},
    ): AsyncGenerator<WatchEvent<T>> {
      const chunks = await call(kind, (resource) => watchRequest(resource, options), {
        signal: options.signal,
        send: (request) => transport.open(request, { signal: options.signal }),
      });
      for await (const { type, object } of decodeWatch(chunks)) {
        yield { type, object: withKind(object, kind) as T };
      }
    },
    create: (object, options = {}) =>
      exchangeObject(object, (resource) => createRequest(resource, object, withManager(options)), options),
    update: (object, options = {}) =>
      exchangeObject(object, (resource) => updateRequest(resource, object, withManager(options)), options),
    updateStatus: (object, options = {}) => client.update(object, { ...options, subresource: "status" }),
    patch: (ref, patch, options = {}) =>
      exchangeObject(
        ref,
        (resource) => patchRequest(resource, ref, { ...withManager(options), patch }),
        options,
      ),
    apply: (object, options) =>
      exchangeObject(object, (resource) => applyRequest(resource, object, options), options),
    async delete(ref, options = {}) {
      const { name, namespace } = ref;
      await exchange(ref, (resource) => deleteRequest(resource, { name, namespace }, options), options);
    },
    async deleteCollection(kind, options = {}) {
      await exchange(
        kind,
        (resource) => deleteRequest(resource, { namespace: options.namespace }, options),
        options,
      );
    },
    raw: (request, options) => transport.send(request, options),
    stream: (request, options) => transport.open(request, options),
    close: () => transport.close(),
  };
  return client;
}

interface ListPage<T> {
  items?: T[] | null;
  metadata?: { continue?: string; resourceVersion?: string };
}

/** A 404 that names no object: the path itself is unknown, so the kind is not served any more. */
function isGone(error: unknown): boolean {
  return (
    isNotFound(error) && isKubeError(error) && !error.status?.details?.name && !error.status?.details?.kind
  );
}

function decode(request: KubeRequest, body: string): unknown {
  try {
    return parseBody(body);
  } catch (cause) {
    throw new KubeError("InvalidResponse", `${request.method} ${request.path}: the answer is not JSON`, {
      cause,
    });
  }
}

/** List items of built-in kinds and metadata-only answers do not carry their kind; readers rely on it. */
function withKind(value: unknown, { apiVersion, kind }: KindRef): unknown {
  return Object.assign(value as object, { apiVersion, kind });
}
