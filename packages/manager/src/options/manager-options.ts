import { ManagerError } from "../errors.ts";
import { commonFlags } from "./common-flags.ts";
import { type FlagTable, type OptionsOf, parseFlags } from "./flag-set.ts";

/**
 * The modifier is mixed into hashes as a 32-bit number. A package template that prints configuration numbers the Go way
 * hands over `1e+06`, so integral floats are fine.
 */
function parseModifier(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value)) {
    throw new ManagerError(
      "config",
      `unable to parse environment variable 'PKO_PACKAGE_HASH_MODIFIER' as integer: ${JSON.stringify(text)} is none`,
    );
  }
  return value;
}

/** Every flag of package-operator-manager. */
export const managerFlags = {
  ...commonFlags,
  enableLeaderElection: {
    name: "enable-leader-election",
    type: "bool",
    default: true,
    help: "Work only while holding the lease, so that one instance is active.",
  },
  serviceAccountNamespace: {
    name: "service-account-namespace",
    env: "PKO_SERVICE_ACCOUNT_NAMESPACE",
    type: "string",
    default: "",
    help: "Namespace of the ServiceAccount whose pull secrets authenticate package pulls.",
  },
  serviceAccountName: {
    name: "service-account-name",
    env: "PKO_SERVICE_ACCOUNT_NAME",
    type: "string",
    default: "",
    help: "Name of the ServiceAccount whose pull secrets authenticate package pulls.",
  },
  registryHostOverrides: {
    name: "registry-host-overrides",
    env: "PKO_REGISTRY_HOST_OVERRIDES",
    type: "string",
    default: "",
    help: "Registries to pull packages from instead, as host=newhost,host=newhost.",
  },
  imagePrefixOverrides: {
    name: "image-prefix-overrides",
    env: "PKO_IMAGE_PREFIX_OVERRIDES",
    type: "string",
    default: "",
    help: "Prefixes to replace in all image references, as from=to,from=to; the longest match wins.",
  },
  insecureRegistries: {
    name: "insecure-registries",
    env: "PKO_INSECURE_REGISTRIES",
    type: "string",
    default: "",
    help: "Registries, as host or host:port separated by commas, that may use plain HTTP or certificates nobody signed.",
  },
  packageHashModifier: {
    name: "package-hash-modifier",
    env: "PKO_PACKAGE_HASH_MODIFIER",
    fromEnv: parseModifier,
    type: "int",
    default: 0,
    help: "A number mixed into the hash of every package; changing it unpacks all packages again.",
  },
  packageOperatorPackageImage: {
    name: "package-operator-package-image",
    env: "PKO_PACKAGE_OPERATOR_PACKAGE_IMAGE",
    type: "string",
    default: "",
    help: "Package image for the remote-phase packages of hosted clusters.",
  },
  subComponentAffinity: {
    name: "sub-component-affinity",
    env: "PKO_SUB_COMPONENT_AFFINITY",
    type: "string",
    default: "",
    help: "Pod affinity for sub components, as JSON.",
  },
  subComponentTolerations: {
    name: "sub-component-tolerations",
    env: "PKO_SUB_COMPONENT_TOLERATIONS",
    type: "string",
    default: "",
    help: "Pod tolerations for sub components, as JSON.",
  },
  objectTemplateRetry: {
    name: "object-template-resource-retry-interval",
    type: "duration",
    default: 30_000,
    help: "How long an ObjectTemplate waits for a missing source.",
  },
  objectTemplateOptionalRetry: {
    name: "object-template-optional-resource-retry-interval",
    type: "duration",
    default: 60_000,
    help: "How long an ObjectTemplate waits for a missing optional source.",
  },
  selfBootstrap: {
    name: "self-bootstrap",
    type: "string",
    default: "",
    help: "Install Package Operator from this package image and exit.",
  },
  selfBootstrapConfig: {
    name: "self-bootstrap-config",
    env: "PKO_CONFIG",
    type: "string",
    default: "",
    help: "Configuration of the package-operator ClusterPackage, as JSON.",
  },
} satisfies FlagTable;

/** The options of package-operator-manager. */
export type ManagerOptions = OptionsOf<typeof managerFlags>;

/** Reads flags and environment; see {@link parseFlags} for what it throws. */
export function parseManagerOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ManagerOptions {
  return parseFlags(managerFlags, argv, env);
}
