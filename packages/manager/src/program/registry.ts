import {
  createPrefixMatcher,
  type HostRule,
  lintOverrides,
  parseHostOverrides,
  parsePrefixOverrides,
  type PrefixMatcher,
} from "@package-operator/image";
import type { Logger } from "@package-operator/controller";
import type { KubeClient } from "@package-operator/kube";
import type { ManagerOptions } from "../options/manager-options.ts";
import { createPackagePuller, type PackagePuller } from "../pull/package-puller.ts";
import { readPullSecrets } from "../pull/pull-secrets.ts";
import { isInsideCluster } from "../pull/registry-trust.ts";
import type { ProcessContext } from "./process-context.ts";

/** The overrides of a process, parsed. */
export interface ImageOverrides {
  readonly prefix: PrefixMatcher;
  readonly hosts: readonly HostRule[];
}

/** Parses the overrides and says in the log which are in force, and what in them looks like a mistake. */
export function readOverrides(
  options: Pick<ManagerOptions, "imagePrefixOverrides" | "registryHostOverrides">,
  logger: Logger,
): ImageOverrides {
  const { rules, warnings } = parsePrefixOverrides(options.imagePrefixOverrides);
  const hosts = parseHostOverrides(options.registryHostOverrides);
  for (const warning of warnings) logger.error(warning, "image prefix overrides");
  const findings = lintOverrides({ prefix: "", hosts: options.registryHostOverrides });
  for (const { code, rule, message } of findings) {
    if (code !== "malformed-entry") continue;
    logger.error(`registry host override ${JSON.stringify(rule)}: ${message}`, "registry host overrides");
  }
  if (rules.length > 0)
    logger.info("image prefix overrides active", { overrides: options.imagePrefixOverrides });
  if (hosts.length > 0)
    logger.info("registry host overrides active", { overrides: options.registryHostOverrides });
  return { prefix: createPrefixMatcher(rules), hosts };
}

/** Where OpenShift mounts the certificates that the cluster trusts. Go reads it unasked, Node does not. */
const trustedBundle = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem";

/** Makes the puller of package images. */
export async function openPuller(
  client: KubeClient,
  overrides: ImageOverrides,
  options: Pick<ManagerOptions, "serviceAccountNamespace" | "serviceAccountName" | "insecureRegistries">,
  context: ProcessContext,
): Promise<PackagePuller> {
  const bundle = await context.readText(trustedBundle);
  const named = new Set(options.insecureRegistries.split(",").map((host) => host.trim()));
  const account = { namespace: options.serviceAccountNamespace, name: options.serviceAccountName };
  return createPackagePuller({
    overrides,
    keychain: (callOptions) => readPullSecrets(client, account, callOptions),
    registry: {
      ...(bundle === undefined ? {} : { ca: [bundle] }),
      insecureHosts: (host) => named.has(host) || isInsideCluster(host),
      env: context.env,
    },
  });
}
