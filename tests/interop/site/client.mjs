// A second client of the site protocols, on js-libp2p, written from docs/dev/protocols/site.md alone.
//
//   client.mjs ADDRESS FOLDER     FOLDER: the owner's site as run.py makes it, to compare with
//
// One line per check on stdout; exit 0: all passed, 1: one failed, 2: used wrongly.

import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const V1 = '/goop/site/1.0.0'
const V2 = '/goop/site/2.0.0'
const MAX_LINE = 4096
const CHECK_SECONDS = 30

function check (condition, text) {
  if (!condition) throw new Error(text)
}

function equal (got, wanted, what) {
  check(Buffer.compare(Buffer.from(got), Buffer.from(wanted)) === 0,
    `${what}: ${got.length} bytes that differ from the ${wanted.length} expected`)
}

/** What arrives on a stream: bytes in order, then null at its end; a reset is an exception. */
class Reader {
  #chunks = []
  #ended = false
  #error
  #wake = () => {}

  constructor (stream) {
    const look = () => {
      if (stream.status === 'reset' || stream.status === 'aborted') {
        this.#error ??= new Error('stream reset')
      }
      if (stream.remoteWriteStatus === 'closed' && stream.readBufferLength === 0) this.#ended = true
      this.#wake()
    }
    stream.addEventListener('message', (event) => {
      this.#chunks.push(event.data.subarray())
      look()
    })
    stream.addEventListener('remoteCloseWrite', look)
    stream.addEventListener('close', (event) => {
      this.#error ??= event.error
      this.#ended = true
      look()
    })
    look()
  }

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
      check(chunk != null, `the stream ended after ${filled} of ${size} bytes`)
      const fits = Math.min(chunk.length, size - filled)
      bytes.set(chunk.subarray(0, fits), filled)
      filled += fits
      if (fits < chunk.length) this.#chunks.unshift(chunk.subarray(fits))
    }
    return bytes
  }

  async line () {
    let text = ''
    while (text.length <= MAX_LINE) {
      const [byte] = await this.exactly(1)
      if (byte === 0x0a) return Buffer.from(text, 'latin1').toString('utf8').trim()
      text += String.fromCharCode(byte)
    }
    throw new Error('an endless line')
  }

  async varint () {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const [byte] = await this.exactly(1)
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new Error('an endless varint')
  }
}

// ---- version 1.0.0

async function fetchV1 (connection, requestLine) {
  const stream = await connection.newStream(V1)
  const reader = new Reader(stream)
  stream.send(Buffer.from(requestLine))
  const line = await reader.line()
  const answer = { line }
  if (line.startsWith('OK ')) {
    const space = line.lastIndexOf(' ')
    answer.type = line.slice(3, space)
    answer.body = await reader.exactly(Number(line.slice(space + 1)))
  }
  check(await reader.next() === null, 'bytes behind the answer')
  await stream.close()
  return answer
}

// ---- version 2.0.0

function framed (head) {
  const text = Buffer.from(head)
  const length = []
  for (let rest = text.length; ; rest >>= 7) {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    if (rest <= 0x7f) break
  }
  return Buffer.concat([Buffer.from(length), text])
}

class SiteStream {
  constructor (stream) {
    this.stream = stream
    this.reader = new Reader(stream)
  }

  static async open (connection) {
    return new SiteStream(await connection.newStream(V2))
  }

  ask (first, fields = {}) {
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`)
    this.stream.send(framed(`${first}\n${lines.join('')}`))
  }

  async answer (method = 'GET') {
    const size = await this.reader.varint()
    check(size <= 4096, `a head of ${size} bytes`)
    const text = Buffer.from(await this.reader.exactly(size)).toString('utf8')
    check(text.endsWith('\n'), 'a head without an end of line')
    const [status, ...lines] = text.slice(0, -1).split('\n')
    const fields = Object.fromEntries(lines.map((line) => {
      const colon = line.indexOf(': ')
      check(colon > 0, `no field: ${line}`)
      return [line.slice(0, colon), line.slice(colon + 2)]
    }))
    const hasBody = (status === 'ok' || status === 'partial') && method === 'GET'
    const body = hasBody ? await this.reader.exactly(Number(fields.length)) : null
    return { status, ...fields, body }
  }

  async get (path, fields = {}) {
    this.ask(`GET ${path}`, fields)
    return await this.answer()
  }

  async end () {
    await this.stream.close()
    check(await this.reader.next() === null, 'bytes behind the last answer')
  }
}

// ---- the checks

const checks = {
  async 'version 2 is chosen where both are offered' ({ node, address }) {
    const stream = await node.dialProtocol(address, [V2, V1])
    check(stream.protocol === V2, `it is ${stream.protocol}`)
    await stream.close()
  },

  async '1.0.0: files with their types' ({ connection, file }) {
    for (const [path, type] of [['/index.html', 'text/html'], ['/style.css', 'text/css'],
      ['/a b/été.txt', 'text/plain'], ['/data.bin', 'application/octet-stream']]) {
      const answer = await fetchV1(connection, `GET ${path}\n`)
      check(answer.line.startsWith(`OK ${type}`), answer.line)
      equal(answer.body, await file(path), path)
    }
  },

  async '1.0.0: refusals' ({ connection }) {
    for (const [request, line] of [['GET /none', 'ERR not found'], ['GET /blog', 'ERR not found'],
      ['GET /lua/x.lua', 'ERR forbidden'], ['GET /.env', 'ERR forbidden'],
      ['GET ../etc/passwd', 'ERR forbidden'], ['GET /link', 'ERR forbidden'],
      ['HELLO', 'ERR bad request'], ['ENC:AAAA', 'ERR bad request']]) {
      const answer = await fetchV1(connection, `${request}\n`)
      check(answer.line === line, `${request}: ${answer.line}`)
    }
  },

  async '1.0.0: an opener that says nothing costs nothing' ({ connection, file }) {
    for (let i = 0; i < 10; i++) await (await connection.newStream(V1)).close()
    equal((await fetchV1(connection, 'GET /index.html\n')).body, await file('/index.html'), 'index')
  },

  async '2.0.0: many requests on one stream' ({ connection, file }) {
    const site = await SiteStream.open(connection)
    for (let i = 0; i < 100; i++) {
      for (const path of ['/index.html', '/a b/été.txt']) {
        const answer = await site.get(path)
        check(answer.status === 'ok', answer.status)
        equal(answer.body, await file(path), path)
      }
    }
    const data = await site.get('/data.bin')
    equal(data.body, await file('/data.bin'), 'data.bin')
    check(Number(data.size) === data.body.length, `size ${data.size}`)
    await site.end()
  },

  async '2.0.0: requests ahead of the answers' ({ connection, file }) {
    const site = await SiteStream.open(connection)
    const paths = Array.from({ length: 16 }, (_, i) => i % 2 ? '/index.html' : '/style.css')
    for (const path of paths) site.ask(`GET ${path}`)
    for (const path of paths) equal((await site.answer()).body, await file(path), path)
    await site.end()
  },

  async '2.0.0: twenty streams at once' ({ connection, file }) {
    const wanted = await file('/style.css')
    await Promise.all(Array.from({ length: 20 }, async () => {
      const site = await SiteStream.open(connection)
      equal((await site.get('/style.css')).body, wanted, 'style.css')
      await site.end()
    }))
  },

  async '2.0.0: ranges' ({ connection, file }) {
    const data = await file('/data.bin')
    const site = await SiteStream.open(connection)
    for (const [range, first, last] of [['0-0', 0, 0], ['1000-1999999', 1000, 1999999],
      [`${data.length - 5}-`, data.length - 5, data.length - 1],
      ['-7', data.length - 7, data.length - 1], ['5-99999999999', 5, data.length - 1]]) {
      const answer = await site.get('/data.bin', { range, accept: 'br gzip' })
      check(answer.status === 'partial', `${range}: ${answer.status}`)
      check(answer.range === `${first}-${last}`, `${range}: ${answer.range}`)
      check(answer.encoding === undefined, 'an encoded range')
      equal(answer.body, data.subarray(first, last + 1), range)
    }
    const outside = await site.get('/data.bin', { range: `${data.length}-` })
    check(outside.status === 'range_not_satisfiable', outside.status)
    check(Number(outside.size) === data.length, `size ${outside.size}`)
    await site.end()
  },

  async '2.0.0: conditions' ({ connection, file, folder }) {
    const site = await SiteStream.open(connection)
    const { etag, modified } = await site.get('/index.html')
    check(Number(modified) === Math.floor((await stat(join(folder, 'index.html'))).mtimeMs / 1000),
      `modified ${modified}`)
    const same = await site.get('/index.html', { 'if-none-match': etag })
    check(same.status === 'not_modified' && same.etag === etag, same.status)
    check((await site.get('/index.html', { 'if-none-match': 'other' })).status === 'ok', 'other')
    const part = await site.get('/index.html', { range: '0-3', 'if-range': etag })
    check(part.status === 'partial', part.status)
    const whole = await site.get('/index.html', { range: '0-3', 'if-range': 'other' })
    equal(whole.body, await file('/index.html'), 'if-range')
    await site.end()
  },

  async '2.0.0: compression' ({ connection, file }) {
    const site = await SiteStream.open(connection)
    const wanted = await file('/style.css')
    for (const [accept, encoding, undo] of [['br', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync], ['gzip br zstd', 'br', brotliDecompressSync]]) {
      const answer = await site.get('/style.css', { accept })
      check(answer.encoding === encoding, `${accept}: ${answer.encoding}`)
      check(Number(answer.size) === wanted.length, `size ${answer.size}`)
      check(answer.body.length < wanted.length / 2, `${answer.body.length} bytes packed`)
      equal(undo(answer.body), wanted, accept)
      const again = await site.get('/style.css', { accept, 'if-none-match': answer.etag })
      check(again.status === 'not_modified', again.status)
    }
    check((await site.get('/data.bin', { accept: 'br' })).encoding === undefined, 'binary packed')
    await site.end()
  },

  async '2.0.0: heads alone' ({ connection, file }) {
    const site = await SiteStream.open(connection)
    site.ask('HEAD /data.bin')
    const head = await site.answer('HEAD')
    check(Number(head.length) === (await file('/data.bin')).length, `length ${head.length}`)
    check((await site.get('/index.html')).status === 'ok', 'the next answer')
    await site.end()
  },

  async '2.0.0: directories' ({ connection, file }) {
    const site = await SiteStream.open(connection)
    check((await site.get('/blog')).status === 'directory', 'without its slash')
    equal((await site.get('/blog/')).body, await file('/blog/index.html'), 'blog')
    equal((await site.get('/')).body, await file('/index.html'), 'root')
    await site.end()
  },

  async '2.0.0: refusals, and the stream goes on' ({ connection }) {
    const site = await SiteStream.open(connection)
    for (const [first, status] of [['GET /none', 'not_found'], ['GET /none/', 'not_found'],
      ['GET /.env', 'forbidden'], ['GET /lua/x.lua', 'forbidden'], ['GET /LUA/x.lua', 'forbidden'],
      ['GET /link', 'forbidden'], ['GET /../x', 'bad_request'], ['GET /a\\b', 'bad_request'],
      ['GET //index.html', 'bad_request'], ['GET none', 'bad_request'], ['PUT /x', 'bad_request'],
      ['GET /index.html\nrange: 5-4', 'bad_request'], ['HEAD /none', 'not_found']]) {
      site.ask(first)
      const answer = await site.answer()
      check(answer.status === status, `${first}: ${answer.status}`)
    }
    check((await site.get('/index.html')).status === 'ok', 'the last answer')
    await site.end()
  },

  async '2.0.0: an endless head resets the stream' ({ connection }) {
    const site = await SiteStream.open(connection)
    site.stream.send(Buffer.concat([Buffer.from([0x81, 0x20]), Buffer.alloc(2000, 0x61)]))  // 4097
    await site.reader.next().then(
      (bytes) => check(bytes === null, 'it was answered'), () => {})
  }
}

async function main ([address, folder]) {
  if (folder === undefined) {
    console.error('usage: client.mjs ADDRESS FOLDER')
    return 2
  }
  const node = await createLibp2p({
    addresses: { listen: [] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() }
  })
  const context = {
    node,
    folder,
    address: multiaddr(address),
    connection: await node.dial(multiaddr(address), { signal: AbortSignal.timeout(10_000) }),
    file: async (path) => await readFile(join(folder, path))
  }
  let failed = 0
  for (const [name, run] of Object.entries(checks)) {
    const late = new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error('no end')), CHECK_SECONDS * 1000).unref()
    })
    try {
      await Promise.race([run(context), late])
      console.log(`ok    ${name}`)
    } catch (error) {
      failed++
      console.log(`FAIL  ${name}: ${error.message}`)
    }
  }
  await node.stop()
  return failed === 0 ? 0 : 1
}

process.exit(await main(process.argv.slice(2)))
