import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { OneBlock, solve } from './puzzle';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('the hash is SHA-256, up to a whole block', () => {
  for (const beginning of ['', 'a', 'x'.repeat(44) + '.', 'y'.repeat(54)]) {
    for (const counter of [0, 7, ...(beginning.length < 50 ? [123456] : [])]) {
      expect(new OneBlock(beginning).hex(counter)).toBe(sha256(`${beginning}${counter}`));
    }
  }
  expect(() => new OneBlock('z'.repeat(55)).hex(1)).toThrow(RangeError);
});

test('numbers of different lengths do not leave anything of each other', () => {
  const text = new OneBlock('challenge.');
  text.hex(123456);
  expect(text.hex(7)).toBe(sha256('challenge.7'));
});

test('a solution begins with as many zero bits as were asked for', async () => {
  const challenge = 'A'.repeat(44);
  const proof = await solve(challenge, 12);
  expect(proof.startsWith(`${challenge}.`)).toBe(true);
  expect(sha256(proof).startsWith('000')).toBe(true);
});
