/** Tells a story step by step: what happens, and what a person would type for it. */
export interface Narrator {
  /** Runs a step after announcing it. `commands` are the equivalents in a shell. */
  step<T>(title: string, commands: readonly string[], run: () => Promise<T>): Promise<T>;
  /** One more line about the step that is running. */
  note(line: string): void;
}

export interface NarratorOptions {
  readonly write: (text: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createNarrator({ write, now }: NarratorOptions): Narrator {
  const start = now();
  const elapsed = (): string => `${((now() - start) / 1000).toFixed(1).padStart(5)} s`;
  return {
    async step(title, commands, run) {
      write(`\n[${elapsed()}] ${title}\n`);
      for (const command of commands) write(`          $ ${command}\n`);
      return run();
    },
    note: (line) => write(`          ${line}\n`),
  };
}
