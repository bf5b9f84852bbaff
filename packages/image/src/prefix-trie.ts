/** A character tree over a list of prefixes; built once, then only read. */
export interface PrefixTrie {
  readonly children: Map<number, PrefixTrie>;
  /** Position in the list of the first prefix that ends here. */
  index?: number;
}

/** Builds the tree; empty prefixes are left out, of equal ones the first counts. */
export function buildTrie(prefixes: readonly string[]): PrefixTrie {
  const root: PrefixTrie = { children: new Map() };
  for (const [index, prefix] of prefixes.entries()) {
    if (prefix === "") continue;
    let node = root;
    for (let i = 0; i < prefix.length; i++) node = childOf(node, prefix.charCodeAt(i));
    node.index ??= index;
  }
  return root;
}

function childOf(node: PrefixTrie, code: number): PrefixTrie {
  const known = node.children.get(code);
  if (known !== undefined) return known;
  const child: PrefixTrie = { children: new Map() };
  node.children.set(code, child);
  return child;
}

/** The outcome of a search. */
export interface LongestPrefix {
  /** Position in the list of the longest prefix the text starts with. */
  readonly index?: number;
  /** Characters looked at: at most the text's length, however many prefixes there are. */
  readonly visited: number;
}

/** Finds the longest accepted prefix of a text; `accept` is asked with the position at which a prefix ends. */
export function findLongest(
  trie: PrefixTrie,
  text: string,
  accept: (text: string, position: number) => boolean = () => true,
): LongestPrefix {
  let node = trie;
  let index: number | undefined;
  let visited = 0;
  while (visited < text.length) {
    const next = node.children.get(text.charCodeAt(visited));
    visited += 1;
    if (next === undefined) break;
    node = next;
    if (node.index !== undefined && accept(text, visited)) index = node.index;
  }
  return index === undefined ? { visited } : { index, visited };
}
