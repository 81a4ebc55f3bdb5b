// What somebody is called, where there is no room for a whole peer id.
import { shortPeerId } from './peer_id';

interface Named {
  label: string;
  peerID: string;
}

/** Its name, else the short form of its id. */
export function nameOf(peer: Named): string {
  return peer.label.trim() || shortPeerId(peer.peerID);
}

/** Letters of the name's first words, or of the id's end (the beginnings are all alike). */
export function initials(peer: Named): string {
  const words = peer.label.match(/[\p{L}\p{N}]+/gu) ?? [];
  const letters = words.slice(0, 2).map((word) => [...word][0]!);
  return (letters.join('') || peer.peerID.slice(-2)).toLocaleUpperCase();
}
