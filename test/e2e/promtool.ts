import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

/** A series as promtool writes it, with its values in Prometheus' own notation, one a minute. */
export interface InputSeries {
  readonly series: string;
  readonly values: string;
}

/** What fires, or does not, at a moment. */
export interface AlertExpectation {
  readonly eval_time: string;
  readonly alertname: string;
  readonly exp_alerts: readonly {
    readonly exp_labels: Readonly<Record<string, string>>;
    readonly exp_annotations: Readonly<Record<string, string>>;
  }[];
}

/** Runs promtool; returns what it prints, and fails with it where it finds something. */
export async function promtool(args: readonly string[], input = "", cwd = os.tmpdir()): Promise<string> {
  const child = spawn("promtool", args, { cwd, stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  if (code !== 0) throw new Error(`promtool ${args.join(" ")} ended with ${code}:\n${output}`);
  return output;
}

/** Runs promtool on files that are there as long as it runs. */
export async function promtoolOn(
  args: readonly string[],
  files: Readonly<Record<string, object>>,
): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "promtool-"));
  try {
    // JSON is YAML.
    for (const [name, content] of Object.entries(files))
      await writeFile(path.join(dir, name), JSON.stringify(content));
    return await promtool(args, "", dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** The samples of a scrape as constant series of a job, some of them with other values. */
export function seriesOf(
  scraped: string,
  job: string,
  changes: (series: string) => string | undefined,
): InputSeries[] {
  const lines = scraped.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.flatMap((line) => {
    const blank = line.lastIndexOf(" ");
    const [series, value] = [line.slice(0, blank), line.slice(blank + 1)];
    const labelled = series.endsWith("}")
      ? `${series.slice(0, -1)},job="${job}"}`
      : `${series}{job="${job}"}`;
    return [{ series: labelled, values: changes(series) ?? `${value}+0x240` }];
  });
}
