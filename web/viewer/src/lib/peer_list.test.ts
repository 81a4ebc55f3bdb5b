import { expect, test } from 'vitest';
import type { KnownPeer } from '../api/types';
import { arrange, everybody, type Wish } from './peer_list';

const peer = (label: string, more: Partial<KnownPeer> = {}): KnownPeer => ({
  peerID: `12D3KooW${label}`, label, email: '', online: true, reachable: true, way: 'direct', address: '',
  proof: 'signature', verified: false, knownBy: ['gossip'], favorite: false, lastSeen: 0, siteUrl: '', ...more,
});
const names = (peers: KnownPeer[], wish: Partial<Wish> = {}) =>
  arrange(peers, { ...everybody, ...wish }, 'en').map((one) => one.label || one.peerID);

test('online first, then favourites, then by name as people sort names', () => {
  const list = [
    peer('zoë'), peer('Old friend', { online: false, favorite: true }), peer('Peer 10'), peer('Peer 9'),
    peer('', { peerID: 'x' }), peer('Émile'), peer('ada', { online: false }), peer('Mira', { favorite: true }),
  ];
  expect(names(list)).toEqual(['Mira', 'Émile', 'Peer 9', 'Peer 10', 'zoë', 'x', 'Old friend', 'ada']);
});

test('the same name twice is ordered by id, whatever came first', () => {
  const [a, b] = [peer('Kaj', { peerID: 'a' }), peer('Kaj', { peerID: 'b' })];
  expect(arrange([b, a], everybody, 'en')).toEqual(arrange([a, b], everybody, 'en'));
});

test('search finds part of a name or id, whatever its case and accents', () => {
  const list = [peer('José'), peer('Kaj', { peerID: '12D3KooWabcDEF' })];
  expect(names(list, { search: ' jose ' })).toEqual(['José']);
  expect(names(list, { search: 'ABCdef' })).toEqual(['Kaj']);
  expect(names(list, { search: 'nobody' })).toEqual([]);
  expect(names(list, { search: '  ' })).toHaveLength(2);
});

test('the filters stack', () => {
  const list = [
    peer('a', { favorite: true }), peer('b', { proof: 'hearsay' }),
    peer('c', { favorite: true, proof: 'hearsay' }), peer('d', { proof: 'connection' }),
  ];
  expect(names(list, { favorites: true })).toEqual(['a', 'c']);
  expect(names(list, { hideUnverified: true })).toEqual(['a', 'd']);
  expect(names(list, { favorites: true, hideUnverified: true })).toEqual(['a']);
});
