import { expect, test } from 'vitest';
import { millis, sparkPoints } from './format';

test('round-trip times keep three digits', () => {
  expect(millis(382, 'en')).toBe('0.38');
  expect(millis(12_440, 'nl')).toBe('12,4');
  expect(millis(250_400, 'en')).toBe('250');
});

test('a picture of samples ends at the right edge and stays in its box', () => {
  expect(sparkPoints([100, 200], 3, 10, 10)).toBe('5,10 10,0');
  expect(sparkPoints([100, 100], 2, 10, 10)).toBe('0,10 10,10');
  expect(sparkPoints([], 3, 10, 10)).toBe('');
});
