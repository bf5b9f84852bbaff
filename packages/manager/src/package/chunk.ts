import { encodeJson, type JsonObject } from "@package-operator/kube-yaml";

/** A slice, and what is left to store of a deployment beside its slices, stays below this many bytes. */
export const sliceLimit: number = 1024 * 1024;

/** How a package wants the objects of its phases to be split. */
export type ChunkingStrategy = "NoOp" | "EachObject" | "BinpackNextFit";

/** Anything with a manifest, as it stands in a phase. */
export interface Chunkable {
  readonly object: JsonObject;
}

/** Reads a Package's annotation; everything unknown means the default. */
export function parseStrategy(text: string | undefined): ChunkingStrategy {
  return text === "NoOp" || text === "EachObject" ? text : "BinpackNextFit";
}

/**
 * Splits each phase's objects into chunks for slices; an empty list means that the phase stays inline. Big phases are
 * split, and then as many of the others as it takes for the rest to fit into one object of the API server's store.
 */
export function chunkPhases<T extends Chunkable>(
  phases: readonly (readonly T[])[],
  strategy: ChunkingStrategy,
): T[][][] {
  if (strategy === "NoOp") return phases.map(() => []);
  if (strategy === "EachObject") return phases.map((objects) => objects.map((object) => [object]));
  const sized = phases.map((objects) => {
    const chunks = nextFit(objects);
    return { chunks, size: sum(objects.map(sizeOf)), inline: chunks.length < 2 };
  });
  const inline = sized.filter((phase) => phase.inline).toSorted((a, b) => b.size - a.size);
  let left = sum(inline.map(({ size }) => size));
  for (const phase of inline) {
    if (left <= sliceLimit) break;
    phase.inline = false;
    left -= phase.size;
  }
  return sized.map((phase) => (phase.inline ? [] : phase.chunks));
}

/** Fills chunks in order; an object beyond the limit gets one of its own. */
function nextFit<T extends Chunkable>(objects: readonly T[]): T[][] {
  const chunks: T[][] = [];
  let room = 0;
  for (const object of objects) {
    const size = sizeOf(object);
    const open = chunks.at(-1);
    if (open === undefined || size > room) {
      chunks.push([object]);
      room = sliceLimit - size;
    } else {
      open.push(object);
      room -= size;
    }
  }
  return chunks;
}

function sizeOf({ object }: Chunkable): number {
  return Buffer.byteLength(encodeJson(object));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
