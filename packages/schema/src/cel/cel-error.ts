/** A mistake found before evaluation: the zero-based offset in code points, -1 for none, and what is wrong. */
export interface CelIssue {
  readonly offset: number;
  readonly message: string;
}

/** An expression that does not parse or type-check; `message` is the report cel-go prints. */
export class CelCompileError extends Error {
  override readonly name = "CelCompileError";
  readonly issues: readonly CelIssue[];

  constructor(source: string, issues: readonly CelIssue[]) {
    super(
      issues
        .toSorted((a, b) => a.offset - b.offset)
        .map((issue) => report(source, issue))
        .join("\n"),
    );
    this.issues = issues;
  }
}

/** A failure at run time, which `&&`, `||`, `all` and `exists` may absorb. */
export class CelEvaluationError extends Error {
  override readonly name: string = "CelEvaluationError";
}

/** The budget is used up; nothing absorbs this. */
export class CelBudgetError extends CelEvaluationError {
  override readonly name = "CelBudgetError";

  constructor() {
    super("operation cancelled: actual cost limit exceeded");
  }
}

/** One issue with its line of source and a mark below the place. */
function report(source: string, { offset, message }: CelIssue): string {
  if (offset < 0) return `ERROR: <input>:-1:0: ${message}`;
  const before = Array.from(source).slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.filter((char) => char === "\n").length;
  const column = offset - lineStart;
  const text = (source.split("\n")[line] ?? "").replaceAll("\t", " ");
  const indent = before.slice(lineStart).map((char) => (char.codePointAt(0)! > 0x7f ? "．" : "."));
  const mark = source.length > 0 && (Array.from(text)[column]?.codePointAt(0) ?? 0) > 0x7f ? "＾" : "^";
  return `ERROR: <input>:${line + 1}:${column + 1}: ${message}\n | ${text}\n | ${indent.join("")}${mark}`;
}
