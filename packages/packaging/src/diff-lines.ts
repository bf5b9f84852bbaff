/** Which lines of the old text go and which of the new text come. */
export interface LineChanges {
  readonly removed: readonly boolean[];
  readonly added: readonly boolean[];
}

/** Beyond this many differing lines the rest counts as replaced, rather than searched for what is common. */
const maxEdits = 1000;

/** Compares two texts line by line; where a change could stand in several places, it stands where GNU diff puts it. */
export function diffLines(from: readonly string[], to: readonly string[]): LineChanges {
  let head = 0;
  while (head < from.length && from[head] === to[head]) head++;
  let tail = 0;
  const most = Math.min(from.length, to.length) - head;
  while (tail < most && from[from.length - 1 - tail] === to[to.length - 1 - tail]) tail++;
  const script = shortestScript(from.slice(head, from.length - tail), to.slice(head, to.length - tail));
  const removed = from.map(() => false);
  const added = to.map(() => false);
  let left = head;
  let right = head;
  for (const kind of script) {
    if (kind === "-") removed[left] = true;
    if (kind === "+") added[right] = true;
    if (kind !== "+") left++;
    if (kind !== "-") right++;
  }
  shiftRuns(from, removed, added);
  shiftRuns(to, added, removed);
  return { removed, added };
}

type Kind = " " | "-" | "+";

/** Myers' greedy algorithm: the fewest lines taken out and put in. */
function shortestScript(from: readonly string[], to: readonly string[]): Kind[] {
  const reached: Map<number, number>[] = [];
  let furthest = new Map([[1, 0]]);
  for (let edits = 0; edits <= Math.min(from.length + to.length, maxEdits); edits++) {
    reached.push(furthest);
    const next = new Map(furthest);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = startOf(next, diagonal, edits);
      while (x < from.length && x - diagonal < to.length && from[x] === to[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= from.length && x - diagonal >= to.length) return backtrack(reached, from.length, to.length);
    }
    furthest = next;
  }
  return [...from.map(() => "-" as const), ...to.map(() => "+" as const)];
}

function startOf(furthest: ReadonlyMap<number, number>, diagonal: number, edits: number): number {
  if (comesFromAbove(furthest, diagonal, edits)) return furthest.get(diagonal + 1) ?? 0;
  return (furthest.get(diagonal - 1) ?? 0) + 1;
}

/** Whether the furthest path to a diagonal ends with a line put in, rather than one taken out. */
function comesFromAbove(furthest: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true;
  if (diagonal === edits) return false;
  return (furthest.get(diagonal - 1) ?? -1) < (furthest.get(diagonal + 1) ?? -1);
}

function backtrack(reached: readonly ReadonlyMap<number, number>[], fromEnd: number, toEnd: number): Kind[] {
  const script: Kind[] = [];
  let x = fromEnd;
  let y = toEnd;
  for (let edits = reached.length - 1; edits >= 0; edits--) {
    const furthest = reached[edits] as ReadonlyMap<number, number>;
    const isDown = comesFromAbove(furthest, x - y, edits);
    const previous = isDown ? x - y + 1 : x - y - 1;
    const previousX = edits === 0 ? 0 : (furthest.get(previous) ?? 0);
    const previousY = edits === 0 ? 0 : previousX - previous;
    while (x > previousX && y > previousY) {
      script.push(" ");
      x--;
      y--;
    }
    if (edits > 0) script.push(isDown ? "+" : "-");
    x = previousX;
    y = previousY;
  }
  return script.toReversed();
}

/**
 * Moves runs of changed lines as GNU diff does: back to merge with earlier runs, then forward as far as they go, or to
 * where the other text changes too.
 */
function shiftRuns(lines: readonly string[], changed: boolean[], otherChanged: readonly boolean[]): void {
  let end = 0;
  let other = 0;
  for (;;) {
    while (end < lines.length && changed[end] !== true) {
      while (otherChanged[other++] === true);
      end++;
    }
    if (end === lines.length) return;
    let start = end;
    while (changed[++end] === true);
    while (otherChanged[other] === true) other++;
    let length: number;
    let corresponding: number;
    do {
      length = end - start;
      while (start > 0 && lines[start - 1] === lines[end - 1]) {
        changed[--start] = true;
        changed[--end] = false;
        while (changed[start - 1] === true) start--;
        while (otherChanged[--other] === true);
      }
      corresponding = otherChanged[other - 1] === true ? end : lines.length;
      while (end < lines.length && lines[start] === lines[end]) {
        changed[start++] = false;
        changed[end++] = true;
        while (changed[end] === true) end++;
        while (otherChanged[++other] === true) corresponding = end;
      }
    } while (length !== end - start);
    while (corresponding < end) {
      changed[--start] = true;
      changed[--end] = false;
      while (otherChanged[--other] === true);
    }
  }
}
