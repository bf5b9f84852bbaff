import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe } from "vitest";
import { brokenMirrorScenarios } from "./broken-mirror-scenarios.ts";
import { byHandScenarios } from "./by-hand-scenarios.ts";
import { changeScenarios } from "./change-scenarios.ts";
import { labNode } from "./lab-node.ts";
import { mirrorStoryScenarios } from "./mirror-story-scenarios.ts";
import { registryScenarios } from "./registry-scenarios.ts";
import { reinstallScenarios } from "./reinstall-scenarios.ts";
import { buildNextRelease, mirrorRelease, root, thisRelease } from "./releases.ts";
import type { Story } from "./story.ts";

/** One story on one node: each part builds upon the state that the one before says it leaves. */
let story: Story;
let folder: string;

beforeAll(async () => {
  const node = labNode(process.env);
  // The command line and the programs of the next release; a release builds its own.
  await promisify(execFile)(process.execPath, [path.join(root, "scripts/build.mjs")]);
  folder = await mkdtemp(path.join(os.tmpdir(), "node-story-"));
  const current = thisRelease(path.join(folder, "current"), "v1.18.2");
  const mirror = `${node.registry}/pko-mirror`;
  const install = await mirrorRelease(node, current, mirror);
  const next = await buildNextRelease(path.join(folder, "next"), "v1.18.3");
  story = {
    node,
    mirror,
    secondMirror: `${node.registry}/pko-mirror-2`,
    current,
    next,
    install,
    file: (name) => path.join(folder, name),
  };
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const parts = {
  "the mirror story": mirrorStoryScenarios,
  "a broken mirror": brokenMirrorScenarios,
  "changes while applications run": changeScenarios,
  "registries come and go": registryScenarios,
  "removing and installing again": reinstallScenarios,
  "by hand": byHandScenarios,
};

describe.each(Object.entries(parts))("%s", (_, scenarios) => {
  scenarios(() => story);
});
