import { randomUUID } from "node:crypto";
import { processLabel } from "@package-operator/release";
import { getNumber, getString, type JsonObject } from "../json.ts";
import { formatTime } from "../verbs/api-context.ts";
import { ContainerLog } from "./container-log.ts";
import { type ContainerProcess, type ProcessExit } from "./container-process.ts";
import { watchProbes } from "./container-probes.ts";
import type { FoundImage } from "./image-store.ts";
import { backoffDelay, type NodeContext, pause } from "./node-context.ts";

/** What a container needs of its Pod. */
export interface ContainerHost {
  readonly pod: () => JsonObject;
  readonly address: string;
  /** Finds the image in a registry. */
  readonly pull: (reference: string, policy: string, signal: AbortSignal) => Promise<FoundImage>;
  /** Starts the program; throws `EnvironmentError` when its environment cannot be made. */
  readonly start: (
    spec: JsonObject,
    image: FoundImage,
    log: ContainerLog,
    signal: AbortSignal,
  ) => Promise<ContainerProcess>;
  /** Told after every change of the status. */
  readonly onChange: () => void;
}

/** A run of ten minutes counts as success: the next failure starts with the shortest delay again. */
const stableRun = 600_000;

/** Runs one container: pull, start, probes, restarts. Its status is read by the Pod. */
export class ContainerRunner {
  readonly spec: JsonObject;
  readonly name: string;
  state: JsonObject = { waiting: { reason: "ContainerCreating" } };
  lastState: JsonObject = {};
  ready = false;
  started = false;
  restarts = 0;
  imageId = "";
  containerId = "";
  log: ContainerLog | undefined;
  previousLog: ContainerLog | undefined;
  readonly #context: NodeContext;
  readonly #host: ContainerHost;
  readonly #stop = new AbortController();
  #process: ContainerProcess | undefined;

  constructor(spec: JsonObject, context: NodeContext, host: ContainerHost) {
    this.spec = spec;
    this.name = getString(spec, "name");
    this.#context = context;
    this.#host = host;
  }

  /** The exit code of a container that has ended for good, undefined while it has not. */
  get exitCode(): number | undefined {
    return getNumber(this.state, "terminated", "exitCode");
  }

  /** Runs until the container has ended for good or is stopped. */
  async run(restartPolicy: string): Promise<void> {
    const { signal } = this.#stop;
    let failures = 0;
    while (!signal.aborted) {
      const image = await this.#pull();
      if (image === undefined) return;
      if (!this.#runnable(image)) {
        await this.#pretend();
        return;
      }
      const startedAt = this.#context.now();
      const exit = await this.#runOnce(image, startedAt);
      if (exit === undefined) return;
      const restart = restartPolicy === "Always" || (restartPolicy === "OnFailure" && exit.exitCode !== 0);
      if (signal.aborted || !restart) return;
      this.lastState = this.state;
      this.restarts++;
      failures = this.#context.now().getTime() - startedAt.getTime() > stableRun ? 1 : failures + 1;
      if (failures > 1) {
        const delay = backoffDelay(this.#context.backoff, failures - 1);
        this.#waiting(
          "CrashLoopBackOff",
          `back-off ${delay / 1000}s restarting failed container=${this.name}`,
        );
        this.#record("Warning", "BackOff", `Back-off restarting failed container ${this.name}`);
        await pause(delay, signal);
      }
    }
  }

  /** Ends the container; resolves when its process is gone. */
  async stop(graceMs: number): Promise<void> {
    this.#stop.abort();
    const running = this.#process;
    if (running !== undefined) {
      this.#record("Normal", "Killing", `Stopping container ${this.name}`);
      await running.stop(graceMs);
    } else if (this.state["running"] !== undefined) {
      this.#terminated(
        { exitCode: 0, signal: undefined, error: undefined },
        getString(this.state, "running", "startedAt"),
      );
    }
  }

  async #pull(): Promise<FoundImage | undefined> {
    const { signal } = this.#stop;
    const reference = getString(this.spec, "image");
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        const image = await this.#host.pull(reference, getString(this.spec, "imagePullPolicy"), signal);
        this.imageId = image.id;
        this.#record("Normal", "Pulled", `Successfully pulled image ${JSON.stringify(reference)}`);
        return image;
      } catch (error) {
        if (signal.aborted) return undefined;
        await this.#pullFailed(reference, error, failures);
      }
    }
    return undefined;
  }

  async #pullFailed(reference: string, error: unknown, failures: number): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    const image = JSON.stringify(reference);
    const reason =
      error instanceof Error && error.name === "ImageError" ? "InvalidImageName" : "ErrImagePull";
    this.#waiting(reason, message);
    this.#record("Warning", "Failed", `Failed to pull image ${image}: ${message}`);
    const delay = backoffDelay(this.#context.backoff, failures);
    // The error itself is shown for a moment before the waiting is, as on a real node.
    const shown = Math.min(1000, delay / 2);
    if (!(await pause(shown, this.#stop.signal))) return;
    if (reason === "ErrImagePull") {
      this.#waiting("ImagePullBackOff", `Back-off pulling image ${image}: ErrImagePull: ${message}`);
      this.#record("Normal", "BackOff", `Back-off pulling image ${image}`);
    }
    await pause(delay - shown, this.#stop.signal);
  }

  #runnable(image: FoundImage): boolean {
    if (image.config === undefined) return false;
    return this.#context.allowAnyProcess || image.config.config?.Labels?.[processLabel] === "true";
  }

  /** An image that may not run here is shown as if it did, so that what waits for it can go on. */
  async #pretend(): Promise<void> {
    this.#running(this.#context.now());
    this.ready = true;
    this.started = true;
    this.#host.onChange();
    const { signal } = this.#stop;
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }

  async #runOnce(image: FoundImage, startedAt: Date): Promise<ProcessExit | undefined> {
    const { signal } = this.#stop;
    const log = new ContainerLog(() => this.#context.now().getTime());
    const running = await this.#start(image, log);
    if (running === undefined) return undefined;
    this.previousLog = this.log;
    this.log = log;
    this.#process = running;
    this.#running(startedAt);
    this.#record("Normal", "Started", `Started container ${this.name}`);
    const probes = new AbortController();
    const watching = watchProbes(
      this.spec,
      this.#host.address,
      {
        onStarted: () => this.#change({ started: true }),
        onReady: (ready) => this.#change({ ready }),
        onDead: () => void running.stop(this.#graceMs()),
        onFailure: (kind, message) =>
          this.#record("Warning", "Unhealthy", `${kind} probe failed: ${message}`),
      },
      probes.signal,
    );
    const exit = await running.exit;
    probes.abort();
    await watching;
    this.#process = undefined;
    this.#terminated(exit, formatTime(startedAt));
    if (signal.aborted) await running.stop(0);
    return exit;
  }

  async #start(image: FoundImage, log: ContainerLog): Promise<ContainerProcess | undefined> {
    const { signal } = this.#stop;
    for (;;) {
      try {
        return await this.#host.start(this.spec, image, log, signal);
      } catch (error) {
        if (signal.aborted) return undefined;
        const message = error instanceof Error ? error.message : String(error);
        this.#waiting("CreateContainerConfigError", message);
        this.#record("Warning", "Failed", `Error: ${message}`);
        if (!(await pause(1000, signal))) return undefined;
      }
    }
  }

  #graceMs(): number {
    return (getNumber(this.#host.pod(), "spec", "terminationGracePeriodSeconds") ?? 30) * 1000;
  }

  #running(startedAt: Date): void {
    this.containerId = `process://${randomUUID()}`;
    this.state = { running: { startedAt: formatTime(startedAt) } };
    this.#host.onChange();
  }

  #waiting(reason: string, message: string): void {
    this.state = { waiting: { reason, message } };
    this.ready = false;
    this.started = false;
    this.#host.onChange();
  }

  #terminated(exit: ProcessExit, startedAt: string): void {
    this.ready = false;
    this.started = false;
    this.state = {
      terminated: {
        exitCode: exit.exitCode,
        ...(exit.signal === undefined ? {} : { signal: exit.signal }),
        reason:
          exit.error === undefined ? (exit.exitCode === 0 ? "Completed" : "Error") : "ContainerCannotRun",
        ...(exit.error === undefined ? {} : { message: exit.error }),
        startedAt,
        finishedAt: formatTime(this.#context.now()),
        containerID: this.containerId,
      },
    };
    this.#host.onChange();
  }

  #change(change: { readonly ready?: boolean; readonly started?: boolean }): void {
    const { ready = this.ready, started = this.started } = change;
    if (this.state["running"] === undefined || (ready === this.ready && started === this.started)) return;
    this.ready = ready;
    this.started = started;
    this.#host.onChange();
  }

  #record(type: "Normal" | "Warning", reason: string, message: string): void {
    this.#context.record(this.#host.pod(), type, reason, message);
  }
}
