// The list of the Peers screen: who is shown, in which order. Pure.
import type { KnownPeer } from '../api/types';

export interface Wish {
  search: string; // part of a name or of a peer id; empty: everybody
  favorites: boolean; // only those
  hideUnverified: boolean; // those whose words nobody vouches for
}

export const everybody: Wish = { search: '', favorites: false, hideUnverified: false };

/** Online before offline, favourites before others, then by name; who has none comes last. */
export function arrange(peers: Iterable<KnownPeer>, wish: Wish, language: string): KnownPeer[] {
  const wanted = plain(wish.search.trim());
  const names = new Intl.Collator(language, { numeric: true, sensitivity: 'base' });
  return [...peers].filter((peer) => fits(peer, wish, wanted)).sort((a, b) => compare(a, b, names));
}

function fits(peer: KnownPeer, wish: Wish, wanted: string): boolean {
  if (wish.favorites && !peer.favorite) return false;
  if (wish.hideUnverified && peer.proof === 'hearsay') return false;
  if (wanted === '') return true;
  return plain(peer.label).includes(wanted) || peer.peerID.toLowerCase().includes(wanted);
}

function compare(a: KnownPeer, b: KnownPeer, names: Intl.Collator): number {
  return (
    Number(b.online) - Number(a.online) ||
    Number(b.favorite) - Number(a.favorite) ||
    Number(a.label === '') - Number(b.label === '') ||
    names.compare(a.label, b.label) ||
    (a.peerID < b.peerID ? -1 : Number(a.peerID > b.peerID))
  );
}

// "José" is found by "jose".
const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
