// What somebody is called: its name, else the short form of its id.
import { shortPeerId } from '../../viewer/src/lib/peer_id';

export function nameOf(peer: { label: string; peerID: string }): string {
  return peer.label.trim() || shortPeerId(peer.peerID);
}
