// The js-libp2p side of the mDNS tests; the contract is in ../README.md.
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { mdns } from '@libp2p/mdns';
import { tcp } from '@libp2p/tcp';
import { createLibp2p } from 'libp2p';

const [service] = process.argv.slice(2);
if (!service) {
  console.error('usage: peer.mjs SERVICE');
  process.exit(2);
}

const host = await createLibp2p({
  addresses: { listen: ['/ip4/0.0.0.0/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  peerDiscovery: [mdns({ serviceTag: `${service}.local` })],
  start: false,
});
host.addEventListener('peer:discovery', ({ detail }) => {
  console.log(`FOUND ${Date.now()} ${detail.id} ${detail.multiaddrs.join(',')}`);
});
console.log(`START ${Date.now()} ${host.peerId}`);
await host.start();

await new Promise((leave) => {
  process.once('SIGTERM', leave);
  process.stdin.resume().once('end', leave);
});
await host.stop();
process.exit(0);
