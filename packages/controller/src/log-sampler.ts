const windowMs = 1000;
const first = 100;
const thereafter = 100;

/**
 * Decides which lines are written, as zap's production sampling does: of each message per second the first 100, then
 * every 100th.
 */
export function createSampler({ now }: { now: () => number }): (message: string) => boolean {
  let windowStart = -Infinity;
  const counts = new Map<string, number>();
  return (message) => {
    const time = now();
    // A clock set back starts a new window too.
    if (Math.abs(time - windowStart) >= windowMs) {
      windowStart = time;
      counts.clear();
    }
    const count = (counts.get(message) ?? 0) + 1;
    counts.set(message, count);
    return count <= first || (count - first) % thereafter === 0;
  };
}
