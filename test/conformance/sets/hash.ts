import {
  hashText,
  longHash,
  type ObjectSetObject,
  type ObjectSetTemplate,
  type PackageSpec,
  shortHash,
} from "@package-operator/api";
import { parsePrefixOverrides } from "@package-operator/image";
import { parseMarkedJson } from "../parse-marked.ts";
import { type VectorSet, vectorSet } from "../vector-set.ts";

interface HashVector {
  readonly kind: string;
  readonly input: string;
  readonly collisionCount?: number;
  readonly bytes: string;
  readonly fnv32Hash: string;
  readonly sha256Hash: string;
}

/** The bytes of `config` as they stand in the text: they are hashed, not their meaning. */
function configText(input: string): string | undefined {
  const text = /"config":(.*?)(,"(?:component|paused)".*)?\}$/s.exec(input)?.[1];
  return text === "null" ? undefined : text;
}

const texts: Readonly<Record<string, (input: string) => string>> = {
  string: hashText.string,
  imagePrefixOverrides: (input) =>
    hashText.prefixOverrides(parsePrefixOverrides(input, { literal: true }).rules),
  packageSpec: (input) =>
    hashText.packageSpec({
      ...(parseMarkedJson(input) as unknown as PackageSpec),
      config: configText(input),
    }),
  objectSetTemplate: (input) => hashText.template(parseMarkedJson(input) as unknown as ObjectSetTemplate),
  objectSliceObjects: (input) => hashText.objects(parseMarkedJson(input) as unknown as ObjectSetObject[]),
};

export const hashSets: Readonly<Record<string, VectorSet>> = {
  hash: vectorSet<HashVector>(({ kind, input, collisionCount, bytes, fnv32Hash, sha256Hash }) => {
    const text = texts[kind]?.(input) ?? "";
    return {
      expected: { bytes, fnv32Hash, sha256Hash },
      actual: {
        bytes: text,
        fnv32Hash: shortHash(text, collisionCount),
        sha256Hash: longHash(text, collisionCount),
      },
    };
  }),
};
