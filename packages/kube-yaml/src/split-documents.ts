/**
 * Cuts a file into documents as Package Operator does: dashes and line feeds are trimmed from both ends of the
 * whole text, then it is cut at lines that are exactly `---`, and each part is trimmed. At least one part, which
 * may be empty. `--- ` and `---\r` are not separators, and a leading `- item` loses its dash, as upstream.
 */
export function splitDocuments(text: string): string[] {
  let start = 0;
  let end = text.length;
  while (start < end && isDashOrFeed(text[start])) start++;
  while (end > start && isDashOrFeed(text[end - 1])) end--;
  return text.slice(start, end).split(separator).map(trimSpace);
}

/** Puts documents back together with separators and one final line feed. */
export function joinDocuments(documents: readonly string[]): string {
  return `${documents.join("\n---\n")}\n`;
}

const separator = /(?<=^|\n)---(?=\n|$)/;

/** Go's TrimSpace; JavaScript's trim would take the byte order mark too and leave the next-line character. */
const trimSpace = (text: string): string => text.replace(edgeSpace, "");
const edgeSpace =
  /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

function isDashOrFeed(character: string | undefined): boolean {
  return character === "-" || character === "\n";
}
