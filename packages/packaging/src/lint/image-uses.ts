/** Which images a template takes from `.images`. */
export interface ImageUses {
  readonly names: ReadonlySet<string>;
  /** The map is also used as a whole, for example by `range`, so any image may be meant. */
  readonly isOpen: boolean;
}

const patterns = [
  /(?:\(\s*\$?\.images\s*\)|\.images)\.([A-Za-z_][A-Za-z0-9_]*)/g,
  /\b(?:index|get)\s+\(?\s*\$?\.images\s*\)?\s+"([^"]*)"/g,
  /\bindex\s+[.$]\s+"images"\s+"([^"]*)"/g,
];

/** Finds the uses of images in the actions of a template, by their usual spellings. */
export function imageUses(template: string): ImageUses {
  const names = new Set<string>();
  let isOpen = false;
  for (const [, action] of template.matchAll(/\{\{(?!-?\s*\/\*)(.*?)\}\}/gs)) {
    let rest = action!;
    for (const pattern of patterns) {
      rest = rest.replaceAll(pattern, (_match, name: string) => {
        names.add(name);
        return "";
      });
    }
    isOpen ||= /\.images\b|"images"/.test(rest);
  }
  return { names, isOpen };
}
