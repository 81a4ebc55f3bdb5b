import { expect, test } from 'vitest';
import { ago } from './ago';
import { peerIdProblem, shortPeerId } from './peer_id';
import { initials, nameOf } from './peer_name';
import { qrOf } from './qr';

const peerID = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'; // from the libp2p documentation

test('times are told in the largest unit that fits', () => {
  const now = 10_000_000_000;
  expect(ago(now - 59_000, now, 'en')).toBeNull();
  expect(ago(now - 61_000, now, 'en')).toBe('1 minute ago');
  expect(ago(now - 3 * 3_600_000, now, 'nl')).toBe('3 uur geleden');
  expect(ago(now + 5_000, now, 'en')).toBeNull();
});

test('the foreign character of a peer id is named', () => {
  expect(peerIdProblem('12D3KooWl')).toEqual({ kind: 'char', char: 'l' });
});

test('peer ids are shortened in the middle', () => {
  expect(shortPeerId(peerID)).toBe('12D3Ko…AJU5SA');
  expect(shortPeerId('short')).toBe('short');
});

test('who has no name is called by its id', () => {
  expect(nameOf({ label: ' Mira ', peerID })).toBe('Mira');
  expect(nameOf({ label: ' ', peerID })).toBe('12D3Ko…AJU5SA');
});

test('a place-holder has the letters of a name, else of the id', () => {
  const of = (label: string) => initials({ label, peerID });
  expect(of('mira de vries')).toBe('MD');
  expect(of('  <b>Kaj</b>')).toBe('BK');
  expect(of('𝒳 y')).toBe('𝒳Y');
  expect(of('★')).toBe('SA');
});

test('a QR code has its quiet zone around it', () => {
  const { side, path } = qrOf('goop://');
  const cells = [...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].flatMap(([, x, y]) => [Number(x), Number(y)]);
  expect([Math.min(...cells), Math.max(...cells)]).toEqual([4, side - 5]);
});
