// How long to wait before the next attempt: doubling, with jitter, so that many pages that lost
// the same peer do not come back in the same instant.

export const firstDelayMs = 500;
export const longestDelayMs = 15_000;

/** Attempt 0 waits 250-500 ms, then twice as long each time, up to 7.5-15 s. */
export function delayMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt, 20));
  return full * (0.5 + random() / 2);
}
