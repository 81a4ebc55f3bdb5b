// How long ago something was, in the words of a language.
const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** "5 minutes ago"; null within the last minute. */
export function ago(ms: number, now: number, language: string): string | null {
  const seconds = (now - ms) / 1000;
  for (const [unit, size] of units) {
    if (seconds >= size) {
      return new Intl.RelativeTimeFormat(language).format(-Math.floor(seconds / size), unit);
    }
  }
  return null;
}
