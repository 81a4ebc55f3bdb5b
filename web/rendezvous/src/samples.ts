// The samples that a page has so far, and those that came.
import type { Sample } from './api';

export const maxSamples = 360; // as many as the server keeps: half an hour

export function join(
  old: readonly Sample[],
  more: readonly Sample[],
  room = maxSamples,
  server: 'same' | 'restarted' = 'same',
): Sample[] {
  if (server === 'restarted') return more.slice(-room);
  const newest = old.at(-1)?.[0] ?? 0;
  return [...old, ...more.filter(([number]) => number > newest)].slice(-room);
}
