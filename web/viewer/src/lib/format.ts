// Round-trip times, as a text and as a picture.

/** "0.38", "12.4", "250": three digits are enough for a round-trip time. */
export function millis(micros: number, language: string): string {
  const ms = micros / 1000;
  const digits = ms < 10 ? 2 : ms < 100 ? 1 : 0;
  return new Intl.NumberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(ms);
}

/** Points of a polyline that shows `samples` in a box, newest at the right edge, `slots` to the full width. */
export function sparkPoints(samples: readonly number[], slots: number, width: number, height: number): string {
  const top = Math.max(...samples, 1);
  const low = Math.min(...samples, top);
  const span = Math.max(top - low, top * 0.2, 1); // a steady line stays a calm one
  const step = width / (slots - 1);
  const first = width - (samples.length - 1) * step;
  return samples
    .map((value, i) => `${round(first + i * step)},${round(height - ((value - low) / span) * height)}`)
    .join(' ');
}

const round = (value: number) => Math.round(value * 10) / 10;
