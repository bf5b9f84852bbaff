import type { ProcessInfo } from "@package-operator/controller";
import type { Clock } from "@package-operator/kube";

/** What the programs use of the process they run in; the main files make the real one. */
export interface ProcessContext {
  /** Arguments without the interpreter and the program. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: { write(text: string): void };
  readonly hostname: string;
  readonly nodeVersion: string;
  readonly process: ProcessInfo;
  readonly clock: Clock;
  readonly random: () => number;
  readonly uuid: () => string;
  /** Asks for a clean stop. */
  readonly signal: AbortSignal;
  /** Reads a text file; undefined when it does not exist. */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** Leaves a last word where Kubernetes shows it in the container's status; does nothing where that is not possible. */
  readonly writeTerminationMessage: (text: string) => Promise<void>;
}
