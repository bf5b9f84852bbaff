import type { Closure, ClosureImage, ClosureReason } from "@package-operator/mirror";
import { formatBytes } from "../output.ts";

/**
 * Draws a closure as a tree: what was named on the command line, below it what that needs, and so on. An image that several
 * things need stands below each of them, with its own needs only the first time.
 */
export function formatClosure({ images }: Pick<Closure, "images">): string {
  const lines: string[] = [];
  const drawn = new Set<ClosureImage>();
  const below = (place: string): Need[] =>
    images.flatMap((image) =>
      image.reasons
        .filter((reason) => reason.kind !== "source" && reason.in === place)
        .map((reason) => ({ image, reason })),
    );
  const draw = (needs: readonly Need[], indent: string): void => {
    for (const [index, { image, reason }] of needs.entries()) {
      const isLast = index === needs.length - 1;
      const isNew = !drawn.has(image);
      drawn.add(image);
      lines.push(`${indent}${isLast ? "└── " : "├── "}${describe(image, { reason, isNew })}`);
      if (isNew) draw(below(image.references[0] ?? ""), `${indent}${isLast ? "    " : "│   "}`);
    }
  };
  for (const image of images.filter(({ reasons }) => reasons.some(({ kind }) => kind === "source"))) {
    drawn.add(image);
    lines.push(describe(image, { isNew: true }));
    draw(below(image.references[0] ?? ""), "");
  }
  // Files and folders are no images themselves.
  const references = new Set(images.flatMap((image) => image.references));
  const places = new Set(images.flatMap(({ reasons }) => reasons.map((reason) => reason.in)));
  for (const file of places) {
    if (references.has(file)) continue;
    lines.push(file);
    draw(below(file), "");
  }
  return lines.map((line) => `${line}\n`).join("");
}

interface Need {
  readonly image: ClosureImage;
  readonly reason: ClosureReason;
}

function describe(
  { references, digest, platforms, size }: ClosureImage,
  { reason, isNew }: { readonly reason?: ClosureReason; readonly isNew: boolean },
): string {
  const facts = [digest.slice(0, 19), platforms.join(" "), formatBytes(size)].filter((fact) => fact !== "");
  const why = reason === undefined ? "" : ` (${describeReason(reason)})`;
  return `${references[0]}${why}${isNew ? `  ${facts.join("  ")}` : "  (see above)"}`;
}

const WORDS: Readonly<Record<ClosureReason["kind"], string>> = {
  source: "named on the command line",
  bootstrap: "runs in the bootstrap Job",
  "bootstrap-package": "installed by the bootstrap Job",
  config: "named in the configuration",
  lock: "locked",
  dependency: "dependency",
  package: "package that is installed",
};

function describeReason({ kind, component, name }: ClosureReason): string {
  const as = name === undefined ? "" : ` as ${name}`;
  return `${WORDS[kind]}${as}${component === undefined ? "" : ` in component ${component}`}`;
}
