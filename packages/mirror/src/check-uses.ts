import { parseReference } from "@package-operator/image";
import { type ContentSource, isOciError } from "@package-operator/oci";
import { pullIdentity } from "./pull-secrets.ts";
import type { VerifiedUse } from "./verify-cluster.ts";

export interface CheckUsesOptions {
  /** Opens a repository as whoever pulls for this use would. */
  readonly open: (
    registry: string,
    repository: string,
    use: VerifiedUse,
  ) => ContentSource | Promise<ContentSource>;
  readonly signal?: AbortSignal | undefined;
}

/** Asks the mirror for every image that was found in order, and adds the finding `missing-in-mirror` where it is not there. */
export async function checkUses(
  uses: readonly VerifiedUse[],
  options: CheckUsesOptions,
): Promise<VerifiedUse[]> {
  const answers = new Map<string, Promise<string | undefined>>();
  const ask = (use: VerifiedUse): Promise<string | undefined> => {
    // The same image may be there for one and denied to another.
    const key = `${use.resolved} ${JSON.stringify(pullIdentity(use))}`;
    const answer = answers.get(key) ?? findProblem(use, options);
    answers.set(key, answer);
    return answer;
  };
  return Promise.all(
    uses.map(async (use) => {
      if (use.finding !== undefined) return use;
      const problem = await ask(use);
      if (problem === undefined) return use;
      return { ...use, finding: { code: "missing-in-mirror", message: `${use.resolved}: ${problem}` } };
    }),
  );
}

async function findProblem(
  use: VerifiedUse,
  { open, signal }: CheckUsesOptions,
): Promise<string | undefined> {
  const { registry, repository, identifier } = parseReference(use.resolved);
  try {
    const source = await open(registry, repository, use);
    const found = await source.resolve(identifier, { signal });
    return found === undefined ? "the mirror does not have it" : undefined;
  } catch (error) {
    if (isOciError(error)) return error.message;
    throw error;
  }
}
