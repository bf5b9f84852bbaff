/** Something about the sources, or the rendered object, that its author has to change; shown on the template. */
export class SourceProblem extends Error {
  override readonly name = "SourceProblem";
  /** Nothing will tell when it is gone, so it is worth looking again. */
  readonly retry: boolean;

  constructor(message: string, { retry }: { retry: boolean }) {
    super(message);
    this.retry = retry;
  }
}
