// Amounts and spans of time in the words of a language.

/** "14.4 MB": three digits at most. */
export function bytes(n: number, language: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  let power = 0;
  while (n >= 999.5 && power < units.length - 1) {
    n /= 1000;
    ++power;
  }
  const digits = power === 0 || n >= 99.95 ? 0 : 1;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[power]!,
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(n);
}

/** "3 days, 4 hr", "12 min", "40 sec": the two largest parts. */
export function span(seconds: number, language: string): string {
  const parts = [
    ['day', Math.floor(seconds / 86_400)],
    ['hour', Math.floor(seconds / 3_600) % 24],
    ['minute', Math.floor(seconds / 60) % 60],
    ['second', Math.floor(seconds) % 60],
  ] as const;
  const largest = parts.findIndex(([, n]) => n > 0);
  const at = largest < 0 ? parts.length - 1 : largest;
  return parts
    .slice(at, at + 2)
    .filter(([, n], i) => n > 0 || i === 0)
    .map(([unit, n]) =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(n),
    )
    .join(' ');
}

/** A rate: whole when it is large. */
export function rate(n: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: n < 10 ? 1 : 0 }).format(n);
}
