// The js-libp2p peer of the interoperability tests; the contract is in ../README.md.
//
// Streams are read through Incoming, not with `for await (const chunk of stream)`: js-libp2p 3.3's
// own iterator misses the end of a stream whose last bytes and end arrived before it was attached.
// Programs out there use that iterator all the same, so one protocol of the server does, too.

import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify, identifyPush } from '@libp2p/identify'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const ECHO = '/echo/1.0.0'
const ECHO_AWAIT = '/echo-await/1.0.0'
const PERF = '/perf/1.0.0'
const RESET = '/reset/1.0.0'
const PROTOCOLS = '/protocols/1.0.0'
const TOGGLE = '/toggle/1.0.0'
const TOGGLED = '/toggled/1.0.0'
const PUSH_CHECK = '/push-check/1.0.0'
const SERVED = ['/ipfs/id/1.0.0', '/ipfs/id/push/1.0.0', '/ipfs/ping/1.0.0',
  PERF, ECHO, RESET, PROTOCOLS, TOGGLE]

const MANY_STREAMS = { maxInboundStreams: 2000, maxOutboundStreams: 2000 }
const MUXER_STREAMS = { maxInboundStreams: 4000, maxOutboundStreams: 4000, maxEarlyStreams: 200 }
const CHUNK = new Uint8Array(64 * 1024)
const EXIT = { fine: 0, failed: 1, usage: 2, unsupported: 77 }

class ScenarioError extends Error {}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

function check (condition, text) {
  if (!condition) throw new ScenarioError(text)
}

function pattern (size) {
  const bytes = new Uint8Array(size)
  for (let i = 0; i < size; i++) bytes[i] = i * 31 + 7
  return bytes
}

// ---- reading and writing one stream

/** The bytes of one stream in order, then its end (null) or its reset (an exception). */
class Incoming {
  #stream
  #chunks = []
  #ended = false
  #error
  #wake = () => {}

  constructor (stream) {
    this.#stream = stream
    stream.addEventListener('message', (event) => {
      this.#chunks.push(event.data.subarray())
      this.#look()
    })
    stream.addEventListener('remoteCloseWrite', () => this.#look())
    stream.addEventListener('close', (event) => {
      this.#error = event.error
      this.#ended = true
      this.#wake()
    })
    this.#look()
  }

  #look () {
    const { status, remoteWriteStatus, readBufferLength } = this.#stream
    if (status === 'reset' || status === 'aborted') this.#error ??= new Error('stream reset')
    if (remoteWriteStatus === 'closed' && readBufferLength === 0) this.#ended = true
    this.#wake()
  }

  /** The next bytes, at least one; null at the end of the stream. */
  async next () {
    while (this.#chunks.length === 0) {
      if (this.#error != null) throw this.#error
      if (this.#ended) return null
      await new Promise((resolve) => { this.#wake = resolve })
    }
    return this.#chunks.shift()
  }

  async exactly (size) {
    const bytes = new Uint8Array(size)
    for (let filled = 0; filled < size;) {
      const chunk = await this.next()
      check(chunk != null, `stream ended after ${filled} of ${size} bytes`)
      const fits = Math.min(chunk.length, size - filled)
      bytes.set(chunk.subarray(0, fits), filled)
      filled += fits
      if (fits < chunk.length) this.#chunks.unshift(chunk.subarray(fits))
    }
    return bytes
  }

  async skipToEnd () {
    let bytes = 0
    for (let chunk; (chunk = await this.next()) != null;) bytes += chunk.length
    return bytes
  }

  async text () {
    const parts = []
    for (let chunk; (chunk = await this.next()) != null;) parts.push(chunk)
    return Buffer.concat(parts).toString('utf8')
  }

  async expect (bytes) {
    const got = await this.exactly(bytes.length)
    check(Buffer.compare(got, bytes) === 0, `other bytes came back (${bytes.length} expected)`)
  }

  async expectEnd () {
    check(await this.next() == null, 'bytes after the expected end')
  }
}

async function write (stream, bytes) {
  if (!stream.send(bytes)) await stream.onDrain()
}

async function writeZeros (stream, size) {
  for (let left = size; left > 0; left -= CHUNK.length) {
    await write(stream, left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK)
  }
}

function bigEndian64 (value) {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

// ---- the protocols

async function echoHandler (stream) {
  const incoming = new Incoming(stream)
  for (let chunk; (chunk = await incoming.next()) != null;) await write(stream, chunk)
  await stream.close()
}

async function echoAwaitHandler (stream) {
  for await (const chunk of stream) await write(stream, chunk.subarray())
  await stream.close()
}

async function perfHandler (stream) {
  const incoming = new Incoming(stream)
  const head = await incoming.exactly(8)
  const wanted = Number(new DataView(head.buffer).getBigUint64(0))
  await incoming.skipToEnd()
  await writeZeros(stream, wanted)
  await stream.close()
}

async function resetHandler (stream) {
  await new Incoming(stream).exactly(1)
  stream.abort(new Error('reset, as asked'))
}

async function registerAll (node) {
  const closeAtOnce = (stream) => stream.close()
  const handlers = {
    [ECHO]: echoHandler,
    [ECHO_AWAIT]: echoAwaitHandler,
    [PERF]: perfHandler,
    [RESET]: resetHandler,
    [PROTOCOLS]: async (stream, connection) => {
      const known = await knownProtocols(node, connection.remotePeer)
      await write(stream, new TextEncoder().encode(known.map((id) => `${id}\n`).join('')))
      await stream.close()
    },
    [TOGGLE]: async (stream) => {
      if (!node.getProtocols().includes(TOGGLED)) await node.handle(TOGGLED, closeAtOnce)
      await write(stream, new TextEncoder().encode('ok\n'))
      await stream.close()
    }
  }
  for (const [protocol, handler] of Object.entries(handlers)) {
    // The registrar resets a stream whose handler rejects, so errors need no catching here, but it
    // would hold the handler's promise: streams live on after the handler has returned.
    await node.handle(protocol, (stream, connection) => {
      handler(stream, connection).catch((error) => stream.abort(error))
    }, MANY_STREAMS)
  }
}

async function knownProtocols (node, peerId) {
  try {
    return [...(await node.peerStore.get(peerId)).protocols].sort()
  } catch (error) {
    if (error.name === 'NotFoundError') return []
    throw error
  }
}

/** Noise without the muxer list in its handshake. */
function plainNoise () {
  const create = noise()
  return (components) => {
    const inner = create(components)
    const plain = (options) => ({ ...options, skipStreamMuxerNegotiation: true })
    inner.secureInbound = ((f) => (c, o) => f.call(inner, c, plain(o)))(inner.secureInbound)
    inner.secureOutbound = ((f) => (c, o) => f.call(inner, c, plain(o)))(inner.secureOutbound)
    return inner
  }
}

async function createNode ({ listen, plainMuxer }) {
  const node = await createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [plainMuxer ? plainNoise() : noise()],
    streamMuxers: [yamux(MUXER_STREAMS)],
    connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 100 },
    services: { identify: identify(), identifyPush: identifyPush(), ping: ping() }
  })
  await registerAll(node)
  return node
}

// ---- serve

async function serve (listen, plainMuxer) {
  const node = await createNode({ listen: [listen], plainMuxer })
  const leave = async () => {
    setTimeout(() => process.exit(EXIT.fine), 3000).unref()
    await node.stop()
    process.exit(EXIT.fine)
  }
  process.once('SIGTERM', leave)
  process.stdin.once('end', leave).resume()
  for (const address of node.getMultiaddrs()) process.stdout.write(`ADDR ${address}\n`)
}

// ---- dial

/** One dialed connection and what was learned about it. */
class Session {
  constructor (node, connection, identified) {
    Object.assign(this, { node, connection, identified })
  }

  static async connect (address, { plainMuxer } = {}) {
    const node = await createNode({ listen: [], plainMuxer })
    const identified = Promise.withResolvers()
    node.addEventListener('peer:identify', (event) => identified.resolve(event.detail))
    const connection = await node.dial(address)
    return new Session(node, connection, identified.promise)
  }

  async open (protocol) {
    const stream = await this.connection.newStream(protocol, { maxOutboundStreams: 2000 })
    return { stream, incoming: new Incoming(stream) }
  }

  async echo (size) {
    const { stream, incoming } = await this.open(ECHO)
    const bytes = pattern(size)
    const sending = write(stream, bytes).then(() => stream.close())
    await Promise.all([sending, incoming.expect(bytes)])
    await incoming.expectEnd()
  }

  ping () {
    this.checkSame()
    return this.node.services.ping.ping(this.connection.remotePeer)
  }

  checkSame () {
    const open = this.node.getConnections()
    check(this.connection.status === 'open', `the connection is ${this.connection.status}`)
    check(open.length === 1 && open[0] === this.connection, `${open.length} connections`)
  }

  async protocolsAtServer () {
    const { stream, incoming } = await this.open(PROTOCOLS)
    const text = await incoming.text()
    await stream.close()
    return text.split('\n').filter((line) => line !== '')
  }

  async close () {
    await this.connection.close()
    await this.node.stop()
  }
}

async function until (seconds, what, condition) {
  const end = Date.now() + seconds * 1000
  while (!await condition()) {
    check(Date.now() < end, `${what}: not within ${seconds} s`)
    await sleep(100)
  }
}

async function pings (session) {
  const times = []
  for (let i = 0; i < 10; i++) {
    const start = performance.now()
    await session.ping()
    times.push(performance.now() - start)
  }
  return { rtt_ms: round(times.sort((a, b) => a - b)[5]) }
}

async function identifyScenario (session, address, mode) {
  const result = await Promise.race([session.identified, sleep(5000)])
  check(result != null, 'no identify within 5 s')
  check(result.peerId.toString() === peerIdIn(address), 'the key is not that of the dialed id')
  check((result.agentVersion ?? '') !== '', 'no agent version')
  for (const id of SERVED) check(result.protocols.includes(id), `${id} is not listed`)
  const dialed = address.toString().replace(/\/p2p\/.*/, '')
  check(result.listenAddrs.some((a) => a.toString().replace(/\/p2p\/.*/, '') === dialed),
    `the dialed address is not among ${result.listenAddrs}`)
  check(/^\/ip[46]\/[^/]+\/tcp\/\d+(\/p2p\/[^/]+)?$/.test(`${result.observedAddr}`),
    `observed address ${result.observedAddr}`)
  if (mode !== 'no-record') {  // js-libp2p itself verifies signature and signer, or throws
    check(result.signedPeerRecord != null, 'no signed peer record')
    check(result.signedPeerRecord.addresses.length > 0, 'no address in the signed record')
  }
  return { agent: result.agentVersion, observed: `${result.observedAddr}` }
}

async function push (session) {
  const { node, connection } = session
  let seen = []
  const serverSees = (id) => async () => (seen = await session.protocolsAtServer()).includes(id)
  await until(5, 'the server identifies us', serverSees(ECHO))
  check(!seen.includes(PUSH_CHECK), `${PUSH_CHECK} is known before it exists`)
  await node.handle(PUSH_CHECK, (stream) => stream.close())
  await until(10, 'the server learns our new protocol', serverSees(PUSH_CHECK))

  const weSee = async () => (await knownProtocols(node, connection.remotePeer)).includes(TOGGLED)
  check(!await weSee(), `${TOGGLED} is known before it exists (not a fresh server?)`)
  const { stream, incoming } = await session.open(TOGGLE)
  check(await incoming.text() === 'ok\n', 'the toggle did not answer ok')
  await stream.close()
  await until(10, 'we learn the new protocol of the server', weSee)
}

async function perf (session, upload, download) {
  const start = performance.now()
  const { stream, incoming } = await session.open(PERF)
  await write(stream, bigEndian64(download))
  await writeZeros(stream, upload)
  await stream.close()
  const got = await incoming.skipToEnd()
  check(got === download, `${got} of ${download} bytes came`)
  return { mb_per_s: round((upload + download) / 1000 / (performance.now() - start)) }
}

async function halfClose (session, address, protocol = ECHO) {
  for (const size of [5, 128 * 1024]) {
    const { stream, incoming } = await session.open(protocol)
    await write(stream, pattern(size))
    await stream.close()
    await incoming.expect(pattern(size))
    await incoming.expectEnd()
  }
}

async function reset (session) {
  const first = await session.open(RESET)
  await write(first.stream, pattern(1))
  const outcome = await Promise.race([
    first.incoming.next().then(() => 'no error', () => 'reset'), sleep(5000)])
  check(outcome === 'reset', `the remote reset was not seen: ${outcome ?? 'nothing for 5 s'}`)

  const second = await session.open(ECHO)
  await write(second.stream, pattern(1))
  await second.incoming.expect(pattern(1))
  second.stream.abort(new Error('our reset'))
  await session.ping()
  await session.echo(1)
}

async function sequential (session, address, count) {
  const start = performance.now()
  for (let i = 0; i < count; i++) await session.echo(16)
  return { per_second: round(count * 1000 / (performance.now() - start)) }
}

async function parallel (session, address, count) {
  const bytes = pattern(1024)
  const answered = async () => {
    const opened = await session.open(ECHO)
    await write(opened.stream, bytes)
    await opened.incoming.expect(bytes)
    return opened
  }
  const all = await Promise.all(Array.from({ length: count }, answered))
  await Promise.all(all.map(async ({ stream, incoming }) => {
    await stream.close()
    await incoming.expectEnd()
  }))
}

async function idle (session, address, seconds) {
  let closed = false
  session.connection.addEventListener('close', () => { closed = true })
  await session.ping()
  await sleep(seconds * 1000)
  check(!closed, 'the connection was closed')
  await session.ping()
}

async function wrongId (address) {
  const other = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  const node = await createNode({ listen: [] })
  let text
  try {
    await node.dial(multiaddr(address.toString().replace(/\/p2p\/.*/, `/p2p/${other}`)),
      { signal: AbortSignal.timeout(10_000) })
  } catch (error) {
    text = `${error.name}: ${error.message}`
  }
  check(text != null, 'the dial succeeded')
  check(node.getConnections().length === 0, 'a connection is left')
  await node.stop()
  return { detail: text }
}

function peerIdIn (address) {
  return address.getComponents().findLast((component) => component.name === 'p2p')?.value
}

const round = (number) => Math.round(number * 100) / 100

/** name → [coroutine over a session, kind of ARG, deadline in seconds] */
const scenarios = {
  ping: [pings],
  identify: [identifyScenario],
  push: [push],
  echo: [async (s) => { for (const size of [1, 64 * 1024, 1 << 20]) await s.echo(size) }],
  upload: [(s, _, bytes) => perf(s, bytes, 0), 'number', 120],
  download: [(s, _, bytes) => perf(s, 0, bytes), 'number', 120],
  'half-close': [halfClose],
  reset: [reset],
  sequential: [sequential, 'number'],
  parallel: [parallel, 'number'],
  idle: [idle, 'number'],
  'plain-muxer': [async (s) => { const r = await pings(s); await s.echo(65536); return r }]
}

async function runScenario (address, name, arg) {
  if (name === 'wrong-id') return wrongId(address)
  const session = await Session.connect(address, { plainMuxer: name === 'plain-muxer' })
  const result = await scenarios[name][0](session, address, arg)
  await session.close()
  return result
}

async function dial (address, name, text) {
  const [, kind, seconds = 30] = scenarios[name] ?? []
  const arg = kind === 'number' ? Number(text) : text
  if (kind === 'number' && !Number.isSafeInteger(arg)) usage()
  const limit = name === 'idle' ? arg + 30 : seconds
  const start = performance.now()
  const report = (result) => {
    const millis = round(performance.now() - start)
    const line = JSON.stringify({ scenario: name, ok: true, detail: '', millis, ...result })
    const code = result?.ok === false ? EXIT.failed : EXIT.fine
    process.stdout.write(`${line}\n`, () => process.exit(code))
  }
  setTimeout(() => report({ ok: false, detail: `not done after ${limit} s` }), limit * 1000)
  try {
    report(await runScenario(multiaddr(address), name, arg))
  } catch (error) {
    // js-libp2p rejects some promises with the event that ended the wait.
    const cause = error instanceof Error ? error : error?.error ?? new Error(`${error?.type}`)
    if (!(cause instanceof ScenarioError)) process.stderr.write(`${cause.stack}\n`)
    report({ ok: false, detail: `${cause.name}: ${cause.message}` })
  }
}

function usage () {
  process.stderr.write('usage: peer serve [--listen MULTIADDR] [--plain-muxer]\n' +
    '       peer dial ADDR SCENARIO [ARG]\n')
  process.exit(EXIT.usage)
}

const [command, ...args] = process.argv.slice(2)
if (command === 'serve') {
  const plainMuxer = args.includes('--plain-muxer')
  const at = args.indexOf('--listen')
  await serve(at >= 0 ? args[at + 1] : '/ip4/127.0.0.1/tcp/0', plainMuxer)
} else if (command === 'dial' && (args[1] in scenarios || args[1] === 'wrong-id')) {
  await dial(args[0], args[1], args[2])
} else {
  usage()
}
