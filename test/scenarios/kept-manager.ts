import { setTimeout as sleep } from "node:timers/promises";
import type { ManagerProcess } from "./manager-process.ts";

/** An operator that is kept running, as a kubelet does. */
export interface KeptManager {
  /** Ends the process as a power failure would; the next one starts at once. */
  kill(): Promise<void>;
  end(): Promise<void>;
  /** The last lines of the running process. */
  lastWords(): string;
  /** The last lines of every process that ended by itself. */
  readonly selfEnded: readonly string[];
}

/** How long to wait before a process that ended by itself is started again, in milliseconds. */
const backOffMs = 1000;

/** Starts an operator and keeps it running until it is ended. */
export function keepManager(start: () => ManagerProcess): KeptManager {
  const selfEnded: string[] = [];
  const stopped = new AbortController();
  let killed: ManagerProcess | undefined;
  let current = launch();

  function launch(): ManagerProcess {
    const started = start();
    const restart = async (): Promise<void> => {
      await started.ended;
      if (stopped.signal.aborted || killed === started) return;
      selfEnded.push(wordsOf(started));
      await sleep(backOffMs, undefined, { signal: stopped.signal });
      if (current === started) current = launch();
    };
    restart().catch((error: unknown) => {
      if (!stopped.signal.aborted) throw error;
    });
    return started;
  }

  return {
    selfEnded,
    lastWords: () => `the operator's last words:\n${wordsOf(current)}`,
    async kill() {
      killed = current;
      await killed.end("SIGKILL");
      current = launch();
    },
    async end() {
      stopped.abort();
      await current.end();
    },
  };
}

function wordsOf(manager: ManagerProcess): string {
  return manager.log().split("\n").slice(-20).join("\n");
}
