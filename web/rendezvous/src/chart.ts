// What a small chart draws, as the points of an SVG path in a box; the newest sample at its right.

/** A round number at or above `value`: 1, 2, 5, 10, 20, 50, … */
export function roundTop(value: number): number {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((one) => one * power >= value) ?? 10;
  return step * power;
}

/** The line from the left to the right; empty below two samples. `slots` fill the whole width. */
export function linePath(
  values: readonly number[],
  slots: number,
  width: number,
  height: number,
  top: number,
): string {
  if (values.length < 2) return '';
  const step = width / (slots - 1);
  const first = width - (values.length - 1) * step;
  const points = values.map((value, i) => `${round(first + i * step)} ${round(height * (1 - value / top))}`);
  return `M${points.join('L')}`;
}

/** The same, closed along the bottom. */
export function areaPath(
  values: readonly number[],
  slots: number,
  width: number,
  height: number,
  top: number,
): string {
  const line = linePath(values, slots, width, height, top);
  if (!line) return '';
  const first = width - (values.length - 1) * (width / (slots - 1));
  return `${line}L${round(width)} ${height}L${round(first)} ${height}Z`;
}

const round = (value: number) => Math.round(value * 100) / 100;
