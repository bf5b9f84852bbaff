import { configMapFile, manifest } from "./packages.ts";

/** Ten objects by their phase. */
const inOne = Array.from({ length: 10 }, (_, index) => ({ index, phase: "first" }));
const inTwo = inOne.map(({ index }) => ({ index, phase: index % 2 === 0 ? "first" : "second" }));
const moved = inOne.map(({ index }) => ({ index: index + 5, phase: "second" }));
const local = ["first", "second"] as const;

/** The objects change places between phases, and phases between the set itself and a phase object of their own. */
const layouts = {
  one: { phases: local, objects: inOne },
  two: { phases: local, objects: inTwo },
  moved: { phases: local, objects: moved },
  delegated: { phases: [{ name: "first", class: "default" }, "second"], objects: inTwo },
} as const;

/** A package image of the chaos. */
export type Layout = keyof typeof layouts;

/** All images. */
export const layoutNames = Object.keys(layouts) as Layout[];

/** What a package is meant to be; the cluster has to become it in the end. */
export interface Wanted {
  readonly layout: Layout;
  readonly value: string;
  readonly paused: boolean;
}

/** The files of a package image. */
export function filesOf(layout: Layout, namespace: string): Record<string, string> {
  const objects = layouts[layout].objects.map(({ index, phase }) => [
    `object-${index}.yaml.gotmpl`,
    configMapFile(`{{.package.metadata.name}}-${index}`, { phase, namespace }),
  ]);
  return {
    "manifest.yaml": manifest({ name: "chaos", phases: layouts[layout].phases }),
    ...Object.fromEntries(objects),
  };
}

/** The config maps of all packages, with their value. */
export function wantedObjects(model: ReadonlyMap<string, Wanted>): Map<string, string> {
  return new Map(
    [...model].flatMap(([name, { layout, value }]) =>
      layouts[layout].objects.map(({ index }): [string, string] => [`${name}-${index}`, value]),
    ),
  );
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
