// The js-libp2p side of the gossip interoperability tests. The contract is in ../README.md.
import { createInterface } from 'node:readline'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const topic = 'goop.presence.v1'
const say = (line) => process.stdout.write(line + '\n')

if (process.argv.length !== 3) {
  console.error('usage: peer.mjs MULTIADDR')
  process.exit(2)
}

const node = await createLibp2p({
  addresses: { listen: [process.argv[2]] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionManager: { inboundConnectionThreshold: 100, maxIncomingPendingConnections: 100 },
  services: { identify: identify(), ping: ping(), pubsub: gossipsub({ emitSelf: false }) }
})
const { pubsub } = node.services
pubsub.addEventListener('message', ({ detail }) => {
  if (detail.topic === topic) say(`HEARD ${detail.from} ${new TextDecoder().decode(detail.data)}`)
})
pubsub.subscribe(topic)
for (const address of node.getMultiaddrs()) say(`ADDR ${address}`)

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(' ')
  const rest = words.join(' ')
  if (command === 'dial') {
    try {
      await node.dial(multiaddr(rest), { signal: AbortSignal.timeout(20000) })
      say('DIALLED')
    } catch (error) {
      say(`FAILED ${error.message.replaceAll('\n', ' ')}`)
    }
  } else if (command === 'say') {
    await pubsub.publish(topic, new TextEncoder().encode(rest)).catch((error) => console.error(error))
  } else if (command === 'peers') {
    say(`PEERS ${pubsub.getSubscribers(topic).length}`)
  }
}
await node.stop()
process.exit(0)
