import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "@package-operator/kube";
import {
  type ProcessContext,
  runPackageOperatorManager,
  runRemotePhaseManager,
} from "@package-operator/manager";

/** An operator that runs in this process. */
export interface RunningOperator {
  /** Everything it wrote, line by line. */
  readonly log: string[];
  /** Termination messages, the last of which Kubernetes shows. */
  readonly lastWords: string[];
  /** Ends it and gives its exit code. */
  stop(): Promise<number>;
  /** Resolves with the exit code when it ends by itself. */
  readonly ended: Promise<number>;
}

/** How to start an operator. */
export interface OperatorOptions {
  readonly kubeconfig: string;
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly program?: "manager" | "remote-phase";
  /** Where its pod would be, which a lease needs that no argument gives a place. */
  readonly podNamespace?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** Starts a manager in this process, without listeners and leader election unless its arguments ask for them. */
export function startOperator(options: OperatorOptions): RunningOperator {
  const log: string[] = [];
  const lastWords: string[] = [];
  const stop = new AbortController();
  const context: ProcessContext = {
    argv: [
      `-kubeconfig=${options.kubeconfig}`,
      "-metrics-addr=0",
      "-health-probe-bind-address=0",
      "-enable-leader-election=false",
      "-namespace=default",
      ...(options.argv ?? []),
    ],
    env: options.env ?? {},
    stderr: { write: (text) => void log.push(text.trimEnd()) },
    hostname: "scenario",
    nodeVersion: process.version,
    process,
    clock: options.clock ?? systemClock,
    random: Math.random,
    uuid: randomUUID,
    signal: stop.signal,
    readText: () => Promise.resolve(options.podNamespace),
    writeTerminationMessage: (text) => Promise.resolve(void lastWords.push(text)),
  };
  const run = options.program === "remote-phase" ? runRemotePhaseManager : runPackageOperatorManager;
  const ended = run(context);
  return {
    log,
    lastWords,
    ended,
    stop() {
      stop.abort(new Error("the scenario is over"));
      return ended;
    },
  };
}
