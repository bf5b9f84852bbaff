import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { discoveryCases } from "./cases/discovery.ts";
import { managementCases } from "./cases/management.ts";
import { manifestPushCases } from "./cases/push-manifests.ts";
import { pullCases } from "./cases/pull.ts";
import { blobPushCases } from "./cases/push-blobs.ts";
import { referrersCases } from "./cases/referrers.ts";
import { createPeer, type Peer } from "./peer.ts";

/** One requirement of the distribution specification. */
export interface ConformanceCase {
  /** What has to hold, beginning with the section and naming the endpoint as the specification numbers them. */
  readonly name: string;
  /** Only for registries whose content outlives their process. */
  readonly needsRestart?: boolean;
  run(peer: Peer): Promise<void>;
}

/** A registry under test. */
export interface RegistryUnderTest {
  /** Its address now; another one after a restart. */
  readonly url: () => string;
  readonly restart?: () => Promise<void>;
  close(): Promise<void>;
}

/** All cases. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...pullCases,
  ...blobPushCases,
  ...manifestPushCases,
  ...discoveryCases,
  ...referrersCases,
  ...managementCases,
];

/**
 * Holds a registry to the OCI distribution specification 1.1, a test per requirement. Cases named in `differences` are run
 * all the same and have to fail, so that the list stays true.
 */
export function conformanceSuite(
  label: string,
  start: () => Promise<RegistryUnderTest>,
  differences: Readonly<Record<string, string>> = {},
): void {
  describe(`${label}: OCI distribution specification 1.1`, () => {
    let registry: RegistryUnderTest | undefined;
    beforeAll(async () => {
      registry = await start();
    });
    afterAll(async () => registry?.close());
    const peerOf = (index: number): Peer => {
      const { url, restart } = registry!;
      return createPeer(url, `case-${index}`, restart);
    };

    for (const [index, item] of conformanceCases.entries()) {
      const reason = differences[item.name];
      const difference = reason === undefined ? "" : `differs (${reason}): `;
      test(`${difference}${item.name}`, async ({ skip }) => {
        const peer = peerOf(index);
        skip(item.needsRestart === true && peer.restart === undefined, "nothing outlives a restart");
        const failure = await failureOf(item.run(peer));
        if (failure !== undefined && reason === undefined) throw failure;
        expect(failure === undefined).toBe(reason === undefined);
      });
    }
    test("all differences are of cases", () => {
      const names = conformanceCases.map((item) => item.name);
      expect(Object.keys(differences).filter((name) => !names.includes(name))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
    });
  });
}

async function failureOf(task: Promise<void>): Promise<Error | undefined> {
  try {
    await task;
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
