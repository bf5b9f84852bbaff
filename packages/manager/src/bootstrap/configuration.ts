import { isJsonObject, type JsonObject, parseJson } from "@package-operator/kube-yaml";
import { at, ManagerError } from "../errors.ts";

/** The key of the package's configuration that carries the image prefix overrides to the installed operator. */
const overrideKey = "imagePrefixOverrides";

/** What the bootstrap installs and under which override it works itself. */
export interface BootstrapConfiguration {
  /** For `spec.config` of the ClusterPackage; undefined leaves it out. */
  readonly config: JsonObject | undefined;
  /** The image prefix overrides in force, empty for none. */
  readonly imagePrefixOverrides: string;
  /** Where they come from. */
  readonly source: "flag" | "config" | "stored" | "none";
}

/**
 * Joins the flags with what an earlier run stored in the ClusterPackage. The override of flag or environment wins and is
 * written into the configuration; else the configuration's own counts; else the one that is in force already, so that
 * re-running a job without it does not fetch anything from where it must not. An explicit empty one switches it off.
 */
export function resolveConfiguration(
  flags: { readonly selfBootstrapConfig: string; readonly imagePrefixOverrides: string },
  stored: JsonObject | undefined,
): BootstrapConfiguration {
  const config = parseConfig(flags.selfBootstrapConfig);
  if (flags.imagePrefixOverrides !== "") {
    const { imagePrefixOverrides } = flags;
    return {
      config: { ...config, [overrideKey]: imagePrefixOverrides },
      imagePrefixOverrides,
      source: "flag",
    };
  }
  const configured = config?.[overrideKey];
  if (typeof configured === "string") {
    return { config, imagePrefixOverrides: configured, source: "config" };
  }
  const active = stored?.[overrideKey];
  if (typeof active === "string" && active !== "") {
    return { config, imagePrefixOverrides: active, source: "stored" };
  }
  return { config, imagePrefixOverrides: "", source: "none" };
}

function parseConfig(text: string): JsonObject | undefined {
  if (text.trim() === "") return undefined;
  const place = "init: ensureUpdatedPKO: creating new ClusterPackage: unmarshaling package config";
  let value;
  try {
    value = parseJson(text);
  } catch (error) {
    throw at("bootstrap", place, error);
  }
  if (value === null) return {};
  if (!isJsonObject(value)) throw new ManagerError("bootstrap", `${place}: not a JSON object: ${text}`);
  return value;
}

/** A JSON merge patch applied to a value (RFC 7396). */
export function mergePatch(target: JsonObject | undefined, patch: JsonObject): JsonObject {
  const result: JsonObject = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const existing = result[key];
    if (value === null) delete result[key];
    else if (isJsonObject(value))
      result[key] = mergePatch(isJsonObject(existing) ? existing : undefined, value);
    else result[key] = value;
  }
  return result;
}
