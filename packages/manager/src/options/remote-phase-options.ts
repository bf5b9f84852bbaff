import { commonFlags } from "./common-flags.ts";
import { type FlagTable, type OptionsOf, parseFlags } from "./flag-set.ts";

/** Every flag of remote-phase-manager. */
export const remotePhaseFlags = {
  ...commonFlags,
  enableLeaderElection: {
    name: "enable-leader-election",
    type: "bool",
    default: false,
    help: "Work only while holding the lease, so that one instance is active.",
  },
  targetKubeconfig: {
    name: "target-cluster-kubeconfig-file",
    type: "string",
    default: "",
    help: "Path to the kubeconfig of the cluster the objects go to; empty means the cluster this pod runs in.",
  },
  phaseClass: {
    name: "class",
    type: "string",
    default: "hosted-cluster",
    help: "Only phases of this class are handled.",
  },
} satisfies FlagTable;

/** The options of remote-phase-manager. */
export type RemotePhaseOptions = OptionsOf<typeof remotePhaseFlags>;

/** Reads flags and environment; see {@link parseFlags} for what it throws. */
export function parseRemotePhaseOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RemotePhaseOptions {
  return parseFlags(remotePhaseFlags, argv, env);
}
