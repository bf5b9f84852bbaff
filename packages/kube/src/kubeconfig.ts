import path from "node:path";
import { decodeYaml, isJsonObject, type JsonObject, type JsonValue } from "@package-operator/kube-yaml";
import type { ClusterAuth, ClusterConfig, ExecPlugin, Material } from "./cluster-config.ts";
import { KubeError } from "./errors.ts";

/** One kubeconfig file as read; relative paths in it are relative to its folder. */
export interface KubeConfigFile {
  path: string;
  text: string;
}

/** An entry together with the file it came from. */
interface Entry {
  value: JsonObject;
  file: string;
}

/** Several kubeconfig files merged the way kubectl does: the first file to name an entry or a context wins. */
export interface KubeConfig {
  readonly currentContext: string;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
  readonly contexts: ReadonlyMap<string, Entry>;
  /** Paths in order, for messages. */
  readonly sources: readonly string[];
}

/** Merges kubeconfig files; throws `InvalidConfig` naming the file that cannot be read as YAML. */
export function mergeKubeConfigs(files: readonly KubeConfigFile[]): KubeConfig {
  const maps = {
    clusters: new Map<string, Entry>(),
    users: new Map<string, Entry>(),
    contexts: new Map<string, Entry>(),
  };
  let currentContext = "";
  for (const file of files) {
    const document = decodeFile(file);
    currentContext ||= optionalText(document, "current-context", file.path) ?? "";
    for (const [section, member] of [
      ["clusters", "cluster"],
      ["users", "user"],
      ["contexts", "context"],
    ] as const) {
      for (const [name, value] of namedEntries(document[section], section, member, file.path)) {
        if (!maps[section].has(name)) maps[section].set(name, { value, file: file.path });
      }
    }
  }
  return { currentContext, ...maps, sources: files.map((file) => file.path) };
}

/** The configuration of one context, by default the current one; throws `InvalidConfig` saying what is missing. */
export function resolveContext(
  config: KubeConfig,
  options: { context?: string | undefined } = {},
): ClusterConfig {
  const source = config.sources.join(path.delimiter);
  const name = options.context ?? config.currentContext;
  if (name === "") throw new KubeError("InvalidConfig", `${source}: no current-context is set`);
  const context = lookUp(config.contexts, "context", name, source);
  const clusterName = requiredText(context, "cluster", `context "${name}"`);
  const cluster = lookUp(config.clusters, "cluster", clusterName, context.file);
  const userName = optionalText(context.value, "user", context.file) ?? "";
  const user = userName === "" ? undefined : lookUp(config.users, "user", userName, context.file);

  const ca = material(cluster, "certificate-authority");
  const tlsServerName = optionalText(cluster.value, "tls-server-name", cluster.file);
  const proxyUrl = optionalText(cluster.value, "proxy-url", cluster.file);
  return {
    server: requiredText(cluster, "server", `cluster "${clusterName}"`).replace(/\/+$/, ""),
    ...(ca && { ca }),
    insecureSkipTlsVerify: cluster.value["insecure-skip-tls-verify"] === true,
    ...(tlsServerName && { tlsServerName }),
    ...(proxyUrl && { proxyUrl }),
    auth: user ? resolveUser(user, userName) : {},
    namespace: optionalText(context.value, "namespace", context.file) || "default",
    source,
  };
}

function decodeFile(file: KubeConfigFile): JsonObject {
  let document: JsonValue;
  try {
    document = decodeYaml(file.text, { source: file.path });
  } catch (cause) {
    throw new KubeError("InvalidConfig", `${file.path}: not valid YAML: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (document === null) return {};
  if (!isJsonObject(document))
    throw new KubeError("InvalidConfig", `${file.path}: not a kubeconfig: a mapping is expected`);
  return document;
}

function namedEntries(
  list: JsonValue | undefined,
  section: string,
  member: string,
  file: string,
): [string, JsonObject][] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new KubeError("InvalidConfig", `${file}: ${section} must be a list`);
  return list.map((item, index) => {
    if (!isJsonObject(item) || typeof item.name !== "string") {
      throw new KubeError("InvalidConfig", `${file}: ${section}[${index}] needs a name`);
    }
    const value = item[member];
    return [item.name, isJsonObject(value) ? value : {}];
  });
}

function lookUp(map: ReadonlyMap<string, Entry>, what: string, name: string, source: string): Entry {
  const entry = map.get(name);
  if (!entry) throw new KubeError("InvalidConfig", `${source}: ${what} "${name}" does not exist`);
  return entry;
}

function resolveUser(user: Entry, name: string): ClusterAuth {
  const { value, file } = user;
  if (value["auth-provider"]) {
    throw new KubeError(
      "InvalidConfig",
      `${file}: user "${name}" uses an auth-provider; Kubernetes 1.26 replaced these by exec plugins`,
    );
  }
  const clientCertificate = material(user, "client-certificate");
  const clientKey = material(user, "client-key");
  const tokenFile = optionalText(value, "tokenFile", file);
  const tokenText = optionalText(value, "token", file);
  const token: Material | undefined = tokenFile
    ? { file: resolvePath(file, tokenFile) }
    : tokenText
      ? { data: tokenText }
      : undefined;
  const username = optionalText(value, "username", file);
  return {
    ...(clientCertificate && { clientCertificate }),
    ...(clientKey && { clientKey }),
    ...(token && { token }),
    ...(username && { basic: { username, password: optionalText(value, "password", file) ?? "" } }),
    ...(isJsonObject(value.exec) && { exec: resolveExec(value.exec, file, name) }),
    ...resolveImpersonation(user),
  };
}

function resolveImpersonation({ value, file }: Entry): Pick<ClusterAuth, "impersonate"> {
  const user = optionalText(value, "as", file);
  if (!user) return {};
  const uid = optionalText(value, "as-uid", file);
  const extra = isJsonObject(value["as-user-extra"]) ? value["as-user-extra"] : {};
  return {
    impersonate: {
      user,
      ...(uid && { uid }),
      groups: textList(value["as-groups"]),
      extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, textList(values)])),
    },
  };
}

function resolveExec(exec: JsonObject, file: string, user: string): ExecPlugin {
  const command = optionalText(exec, "command", file);
  const apiVersion = optionalText(exec, "apiVersion", file);
  if (!command || !apiVersion) {
    throw new KubeError("InvalidConfig", `${file}: exec of user "${user}" needs command and apiVersion`);
  }
  const env: Record<string, string> = {};
  for (const entry of Array.isArray(exec.env) ? exec.env.filter(isJsonObject) : []) {
    const name = optionalText(entry, "name", file);
    if (name) env[name] = optionalText(entry, "value", file) ?? "";
  }
  const installHint = optionalText(exec, "installHint", file);
  const interactiveMode = optionalText(exec, "interactiveMode", file);
  return {
    apiVersion,
    // A bare name is looked up in PATH; anything with a slash belongs to the file's folder.
    command: command.includes("/") ? resolvePath(file, command) : command,
    args: textList(exec.args),
    env,
    ...(installHint && { installHint }),
    ...(interactiveMode && { interactiveMode }),
    provideClusterInfo: exec.provideClusterInfo === true,
  };
}

/** `<name>-data` is base64 and wins over the file `<name>`. */
function material({ value, file }: Entry, name: string): Material | undefined {
  const data = optionalText(value, `${name}-data`, file);
  if (data) return { data: Buffer.from(data, "base64").toString("utf8") };
  const relative = optionalText(value, name, file);
  return relative ? { file: resolvePath(file, relative) } : undefined;
}

function resolvePath(file: string, relative: string): string {
  return path.resolve(path.dirname(file), relative);
}

function optionalText(object: JsonObject, member: string, file: string): string | undefined {
  const value = object[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new KubeError("InvalidConfig", `${file}: ${member} must be a string`);
  return value;
}

function requiredText(entry: Entry, member: string, where: string): string {
  const value = optionalText(entry.value, member, entry.file);
  if (!value) throw new KubeError("InvalidConfig", `${entry.file}: ${where} has no ${member}`);
  return value;
}

function textList(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
