import { expect, test } from 'vitest';
import { areaPath, linePath, roundTop } from './chart';
import { bytes, rate, span } from './format';
import { join } from './samples';
import type { Sample } from './api';

test('a chart ends at a round number that its highest value does not pass', () => {
  expect([0, 0.3, 1, 1.1, 4, 7, 10, 11, 340, 72_000].map(roundTop)).toEqual([1, 1, 1, 2, 5, 10, 10, 20, 500, 100_000]);
});

test('the newest sample lies at the right edge, zero at the bottom', () => {
  expect(linePath([0, 10], 11, 100, 20, 10)).toBe('M90 20L100 0');
  expect(areaPath([0, 10], 11, 100, 20, 10)).toBe('M90 20L100 0L100 20L90 20Z');
  expect(linePath([5], 11, 100, 20, 10)).toBe('');
  expect(areaPath([], 11, 100, 20, 10)).toBe('');
});

test('amounts have three digits at most', () => {
  expect([0, 999, 1000, 14_400_000, 999_949, 999_999, 123_400_000, 5e12].map((n) => bytes(n, 'en'))).toEqual([
    '0 byte', '999 byte', '1 kB', '14.4 MB', '1 MB', '1 MB', '123 MB', '5 TB',
  ]);
});

test('a span shows its two largest parts', () => {
  expect(span(0, 'en')).toBe('0 sec');
  expect(span(40, 'en')).toBe('40 sec');
  expect(span(3_600, 'en')).toBe('1 hr');
  expect(span(3_700, 'en')).toBe('1 hr 1 min');
  expect(span(273_600, 'en')).toBe('3 days 4 hr');
  expect(span(273_600, 'nl')).toBe('3 dagen 4 uur');
});

test('a rate is whole when it is large', () => {
  expect([0, 0.25, 9.94, 12.4, 72_000].map((n) => rate(n, 'en'))).toEqual(['0', '0.3', '9.9', '12', '72,000']);
});

const sample = (number: number): Sample => [number, 0, 0, 0, 0, 0, 0];

test('samples are joined without a double, up to a number; another run begins anew', () => {
  const two = join([], [sample(1), sample(2)], 3);
  expect(join(two, [], 3)).toEqual(two);
  expect(join(two, [sample(2), sample(3), sample(4)], 3).map(([n]) => n)).toEqual([2, 3, 4]);
  expect(join(two, [sample(1)], 3, 'restarted').map(([n]) => n)).toEqual([1]);
});
