import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  getNumber,
  getObject,
  getObjects,
  getString,
  isTrue,
  type JsonObject,
  namespaceOf,
} from "../json.ts";
import type { LocalClient } from "../controllers/local-client.ts";
import { readDataKey } from "./pod-data.ts";
import { fieldValue } from "./pod-fields.ts";

/** A volume that cannot be filled yet, with the message a kubelet gives. */
class VolumeError extends Error {
  override readonly name = "VolumeError";
}

/** What fills volumes. */
export interface VolumeSources {
  readonly client: LocalClient;
  /** A token of the Pod's ServiceAccount. */
  readonly token: (audience: string, seconds: number) => string;
}

/**
 * Makes a folder for every volume of a Pod and fills those that show objects. Unsupported kinds become empty folders.
 *
 * @returns The folder of each volume by name.
 * @throws VolumeError when a ConfigMap, Secret or key is missing that is not optional.
 */
export async function fillVolumes(
  pod: JsonObject,
  dir: string,
  sources: VolumeSources,
): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>();
  for (const volume of getObjects(pod, "spec", "volumes")) {
    const name = getString(volume, "name");
    const hostPath = getString(volume, "hostPath", "path");
    const folder = hostPath === "" ? path.join(dir, name) : hostPath;
    folders.set(name, folder);
    if (hostPath !== "") continue;
    const emptyDir = getObject(volume, "emptyDir") !== undefined;
    await mkdir(folder, { recursive: true });
    if (emptyDir) continue;
    const files = filesOf(pod, volume, sources);
    await writeFiles(folder, files, getNumber(volume, "projected", "defaultMode") ?? 0o644);
  }
  return folders;
}

type Files = Map<string, string | Buffer>;

function filesOf(pod: JsonObject, volume: JsonObject, sources: VolumeSources): Files {
  const projected = getObject(volume, "projected");
  const parts = projected === undefined ? [volume] : getObjects(projected, "sources");
  const files: Files = new Map();
  for (const part of parts) {
    for (const kind of ["configMap", "secret"] as const) {
      const source = getObject(part, kind);
      if (source !== undefined) addObjectFiles(files, pod, kind, source, sources.client);
    }
    for (const item of getObjects(part, "downwardAPI", "items")) {
      files.set(getString(item, "path"), fieldValue(pod, getString(item, "fieldRef", "fieldPath")));
    }
    const token = getObject(part, "serviceAccountToken");
    if (token !== undefined) {
      const seconds = getNumber(token, "expirationSeconds") ?? 3600;
      files.set(getString(token, "path"), sources.token(getString(token, "audience"), seconds));
    }
  }
  return files;
}

function addObjectFiles(
  files: Files,
  pod: JsonObject,
  kind: "configMap" | "secret",
  source: JsonObject,
  client: LocalClient,
): void {
  const name = getString(source, "name") || getString(source, "secretName");
  const collection = kind === "secret" ? "/secrets" : "/configmaps";
  const object = client.get({ collection, namespace: namespaceOf(pod), name });
  const optional = isTrue(source, "optional");
  if (object === undefined) {
    if (optional) return;
    throw new VolumeError(`${kind.toLowerCase()} ${JSON.stringify(name)} not found`);
  }
  const items = getObjects(source, "items");
  const wanted =
    items.length > 0
      ? items.map((item) => ({ key: getString(item, "key"), path: getString(item, "path") }))
      : [
          ...Object.keys(getObject(object, "data") ?? {}),
          ...Object.keys(getObject(object, "binaryData") ?? {}),
        ].map((key) => ({ key, path: key }));
  for (const { key, path: file } of wanted) {
    const value = readDataKey(object, key);
    if (value !== undefined) files.set(file, value);
    else if (!optional) throw new VolumeError(`references non-existent ${kind.toLowerCase()} key: ${key}`);
  }
}

async function writeFiles(folder: string, files: Files, mode: number): Promise<void> {
  for (const [name, content] of files) {
    // Keys are checked names, but `items[].path` is free text.
    if (name.split("/").includes("..") || name.startsWith("/")) throw new VolumeError(`invalid path ${name}`);
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await rm(file, { force: true });
    await writeFile(file, content);
    await chmod(file, mode | 0o600);
  }
}
