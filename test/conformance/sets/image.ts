import {
  createPrefixMatcher,
  formatReference,
  parseHostOverrides,
  parsePrefixOverrides,
  parseReference,
  registryScheme,
  replaceHost,
  replaceRegistry,
  resolvePullReference,
  withDigest,
} from "@package-operator/image";
import { outcome, type VectorSet, vectorSet } from "../vector-set.ts";

interface Result {
  readonly result?: string;
  readonly error?: string;
}

const expectedOf = ({ result, error }: Result): unknown =>
  error === undefined ? { value: result } : { error };

/** The operator's own reading: white space and empty sides are kept. */
const literalMatcher = (overrides: string): ReturnType<typeof createPrefixMatcher> =>
  createPrefixMatcher(parsePrefixOverrides(overrides, { literal: true }).rules);

function parsed(input: string, strict: boolean): unknown {
  const result = outcome(() => {
    const { kind, registry, repository, identifier, text } = parseReference(input, { strict });
    const name = formatReference({ kind, registry, repository, identifier });
    return { kind, registry, scheme: registryScheme(registry), repository, identifier, name, string: text };
  });
  return "value" in result ? result.value : result;
}

export const imageSets: Readonly<Record<string, VectorSet>> = {
  image_reference: vectorSet<{ input: string; weak: object; strict: object }>(({ input, weak, strict }) => ({
    expected: { weak, strict },
    actual: { weak: parsed(input, false), strict: parsed(input, true) },
  })),
  image_with_digest: vectorSet<Result & { reference: string; digest: string }>((vector) => ({
    expected: expectedOf(vector),
    actual: outcome(() => withDigest(vector.reference, vector.digest)),
  })),
  image_prefix_override: vectorSet<{
    overrides: string;
    image: string;
    parsed: object[] | null;
    result: string;
  }>(({ overrides, image, parsed: rules, result }) => {
    const matcher = literalMatcher(overrides);
    return {
      expected: { rules: rules ?? [], result },
      actual: { rules: matcher.rules, result: matcher.replace(image) },
    };
  }),
  registry_host_override: vectorSet<Result & { overrides?: string; override?: string; image: string }>(
    (vector) => {
      const { overrides, override = "", image } = vector;
      return {
        expected: expectedOf(vector),
        actual: outcome(() =>
          overrides === undefined
            ? replaceRegistry(image, override)
            : replaceHost(image, parseHostOverrides(overrides)),
        ),
      };
    },
  ),
  image_pull_chain: vectorSet<Result & { prefixOverrides: string; hostOverrides: string; image: string }>(
    (vector) => ({
      expected: expectedOf(vector),
      actual: outcome(() =>
        resolvePullReference(vector.image, {
          prefix: literalMatcher(vector.prefixOverrides),
          hosts: parseHostOverrides(vector.hostOverrides),
        }),
      ),
    }),
  ),
};
