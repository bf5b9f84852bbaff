/** One line of output with the time it was written. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly text: string;
}

const maxBytes = 10 * 1024 * 1024;

/** The output of one run of a container: the newest 10 MiB of it, for readers that may follow. */
export class ContainerLog {
  readonly #lines: LogLine[] = [];
  readonly #followers = new Set<(line: LogLine) => void>();
  readonly #onEnd = new Set<() => void>();
  readonly #now: () => number;
  #partial = "";
  #bytes = 0;
  #ended = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** All lines kept so far. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Takes in output as it comes; a line counts when it is complete. */
  write(chunk: string): void {
    const parts = (this.#partial + chunk).split("\n");
    this.#partial = parts.pop() ?? "";
    for (const text of parts) this.#push(text);
  }

  /** Ends the log: what is left without a line end becomes the last line. */
  end(): void {
    if (this.#ended) return;
    if (this.#partial !== "") this.#push(this.#partial);
    this.#partial = "";
    this.#ended = true;
    for (const callback of this.#onEnd) callback();
  }

  /** Calls back for every later line and at the end; returns how to stop. */
  follow(onLine: (line: LogLine) => void, onEnd: () => void): () => void {
    if (this.#ended) {
      onEnd();
      return () => undefined;
    }
    this.#followers.add(onLine);
    this.#onEnd.add(onEnd);
    return () => {
      this.#followers.delete(onLine);
      this.#onEnd.delete(onEnd);
    };
  }

  #push(text: string): void {
    const line = { time: this.#now(), text };
    this.#lines.push(line);
    this.#bytes += text.length + 1;
    while (this.#bytes > maxBytes && this.#lines.length > 1)
      this.#bytes -= (this.#lines.shift()?.text.length ?? 0) + 1;
    for (const follower of this.#followers) follower(line);
  }
}
