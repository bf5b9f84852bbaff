// Random sequences of writes by several managers, recorded as digests of a real kube-apiserver's answers: objects,
// managed fields and refusals must be the same. With LAB set the recording is made anew; see differential.test.ts.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type ApiServer, createApiServer } from "@package-operator/sandbox";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPeer, type Peer } from "./peer.ts";
import { randomScript } from "./random-script.ts";
import { runScript } from "./run-script.ts";
import { defineWidget, removeWidget } from "./scripts/custom-resources.ts";

const file = path.join(import.meta.dirname, "recorded", "random.digests.json");
const lab = process.env["LAB"];
const seeds = Array.from({ length: 90 }, (_, index) => index + 1);
const kinds = ["ConfigMap", "custom resource", "Deployment"];
let server: ApiServer;
let peer: Peer;

beforeAll(async () => {
  const now = new Date();
  server = await createApiServer({ now: () => now });
  peer = createPeer(JSON.stringify(server.kubeconfig));
  for (const call of defineWidget) await peer.send(call);
  if (lab !== undefined) writeFileSync(file, `${JSON.stringify(await record(lab))}\n`);
});

afterAll(() => server.close());

async function record(kubeconfig: string): Promise<Record<string, string[]>> {
  const real = createPeer(readFileSync(kubeconfig, "utf8"));
  for (const call of defineWidget) await real.send(call);
  const digests: Record<string, string[]> = {};
  for (const seed of seeds) digests[seed] = await digestsOf(real, seed, `r${Date.now() % 100_000}`);
  await real.send(removeWidget);
  return digests;
}

/** A digest for each answer of a sequence. */
async function digestsOf(target: Peer, seed: number, suffix: string): Promise<string[]> {
  const exchanges = await runScript(target, `random-${seed}`, randomScript(seed), suffix);
  return exchanges.map((exchange) =>
    createHash("sha256").update(JSON.stringify(exchange)).digest("hex").slice(0, 12),
  );
}

test.each([0, 1, 2])("random writes, kind %i, give what a real API server gives", async (kind) => {
  const recorded = JSON.parse(readFileSync(file, "utf8")) as Record<string, string[]>;
  const chosen = seeds.filter((seed) => seed % kinds.length === kind);
  for (const seed of chosen) {
    expect(await digestsOf(peer, seed, "s"), `seed ${seed}, ${kinds[kind]}`).toEqual(recorded[seed]);
  }
});
