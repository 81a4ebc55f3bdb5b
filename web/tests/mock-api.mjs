// A stand-in for the peer, for work on the pages: `npm run mock`, then `npm run dev`, or the built
// pages straight from here under the real Content-Security-Policy. Speaks the contract of
// docs/dev/protocols/viewer-api.md with invented peers. It checks no session and binds loopback.
//
//   node tests/mock-api.mjs [--port 8787] [--empty]      state: POST /mock/stop (10 s away), /mock/401
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const option = (name, other) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? other : process.argv[at + 1];
};
const port = Number(option('port', 8787));
const dist = new URL('../../build/web/viewer/', import.meta.url).pathname;
const policy = `default-src 'none'; script-src http://127.0.0.1:${port}/assets/; style-src 'self'; img-src 'self' data:; connect-src 'self' http://*.localhost:${port}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const peerId = (name) => {
  const key = createHash('sha256').update(name).digest('hex');
  let value = BigInt(`0x0024080112 20${key}`.replace(' ', ''));
  let text = '';
  for (; value > 0n; value /= 58n) text = alphabet[Number(value % 58n)] + text;
  return `1${text}`;
};
const siteOrigin = (name) => `http://${createHash('sha256').update(name).digest('hex').slice(0, 20)}.localhost:${port}`;
const siteUrl = (name) => `${siteOrigin(name)}/p/${peerId(name)}/`;

const me = peerId('me');
const self = {
  peerID: me, label: 'Mira’s workbench', siteUrl: siteUrl('me'), siteOrigin: siteOrigin('me'),
  addresses: [`/ip4/127.0.0.1/tcp/40117/p2p/${me}`, `/ip4/192.168.1.20/tcp/40117/p2p/${me}`, `/ip6/2001:db8:7:1::20/tcp/40117/p2p/${me}`],
  link: `goop://${me}?addr=/ip4/192.168.1.20/tcp/40117&addr=/ip6/2001:db8:7:1::20/tcp/40117`,
  version: '0.1.0', started: Date.now(), connections: 4,
  profile: { label: 'Mira’s workbench', email: '', shareEmail: false, listed: false }, appearsOffline: false,
  servers: [{ url: 'https://rendezvous.example.org', state: 'live', up: true }],
};
const peer = (name, label, address, direction, rtt, minutes) => ({
  peerID: peerId(name), label, address, direction, rttMicros: rtt, openedAt: Date.now() - minutes * 60_000, streams: 1 + (minutes % 3), siteUrl: siteUrl(name),
});
const peers = process.argv.includes('--empty') ? [] : [
  peer('a', 'Kaj', '/ip4/192.168.1.31/tcp/52114', 'inbound', 420, 0),
  peer('b', 'Botanical notes', '/ip6/2001:db8:40:9::1f/tcp/4001', 'outbound', 18_400, 12),
  peer('c', '', '/dns4/peer.example.org/tcp/443/tls/ws', 'outbound', null, 75),
  peer('d', 'A name that somebody made far too long to fit any row <b>of a list</b>', '/ip4/203.0.113.77/tcp/4001', 'inbound', 231_000, 3000),
];
const known = (name, label, more) => ({
  peerID: peerId(name), label, email: '', online: true, reachable: true, way: 'direct', address: '/ip4/192.168.1.31/tcp/52114',
  proof: 'signature', verified: false, knownBy: ['gossip', 'connection'], favorite: false, lastSeen: Date.now(), siteUrl: siteUrl(name), ...more,
});
const seen = process.argv.includes('--empty') ? [] : [
  known('a', 'Kaj', { favorite: true, email: 'kaj@example.org' }),
  known('b', 'Botanical notes', { knownBy: ['rendezvous'], way: 'none', address: '' }),
  known('c', '', { proof: 'connection', knownBy: ['connection'] }),
  known('d', 'A name that somebody made far too long to fit any row <b>of a list</b>', { proof: 'hearsay', knownBy: ['rendezvous'], way: 'none' }),
  known('e', 'Émile', { online: false, way: 'none', lastSeen: Date.now() - 5_400_000 }),
  ...Array.from({ length: 300 }, (_, i) => known(`p${i}`, `Pupil ${i}`, { online: i % 3 !== 0, lastSeen: Date.now() - i * 60_000 })),
];

let eventId = 1;
let away = false;
let signedOut = false;
const streams = new Set();
const send = (to, event, data) => to.write(`id: ${eventId}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
setInterval(() => {
  for (const one of peers) {
    if (one.rttMicros === null) continue;
    one.rttMicros = Math.round(one.rttMicros * (0.85 + Math.random() * 0.3));
    eventId++;
    for (const stream of streams) send(stream, 'connection', one);
  }
}, 500);
setInterval(() => {
  const one = seen[Math.floor(Math.random() * seen.length)];
  if (one) change('peer', Object.assign(one, { online: !one.online, lastSeen: Date.now() }));
}, 2000);
const change = (event, data) => {
  eventId++;
  for (const stream of streams) send(stream, event, data);
};
setInterval(() => streams.forEach((stream) => stream.write(': beat\n\n')), 15_000);

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const json = (response, status, body) => {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
};
const problem = (response, status, code, error, hint = '') => json(response, status, { error, code, hint });

async function body(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text || '{}');
}

async function file(response, path) {
  const name = normalize(path).slice(1) || 'index.html';
  const bytes = await readFile(join(dist, name)).catch(() => readFile(join(dist, 'index.html')));
  const type = types[extname(name)] ?? types['.html'];
  response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': policy, 'Cross-Origin-Opener-Policy': 'same-origin', 'X-Content-Type-Options': 'nosniff' });
  response.end(bytes);
}

const routes = {
  'POST /mock/stop': (_, response) => {
    away = true;
    setTimeout(() => (away = false), 10_000);
    streams.forEach((stream) => stream.destroy());
    json(response, 200, {});
  },
  'POST /mock/401': (_, response) => {
    signedOut = true;
    streams.forEach((stream) => stream.destroy());
    json(response, 200, {});
  },
  'POST /api/login': async (request, response) => {
    signedOut = (await body(request)).secret !== 'mock-secret-mock-secret';
    if (signedOut) problem(response, 403, 'forbidden', 'the login link is used or too old');
    else json(response, 200, { token: 'mock-token' });
  },
  'GET /api/self': (_, response) => json(response, 200, self),
  'GET /api/connections': (_, response) => json(response, 200, { cursor: String(eventId), connections: peers }),
  'GET /api/peers': (_, response) => json(response, 200, { cursor: String(eventId), peers: seen }),
  'POST /api/peers/probe': (_, response) => setTimeout(() => json(response, 200, { cursor: String(eventId), peers: seen }), 800),
  'POST /api/peers/favorite': async (request, response) => {
    const { peerID, favorite } = await body(request);
    const one = seen.find((peer) => peer.peerID === peerID);
    if (!one) return problem(response, 404, 'not_found', 'nobody knows this peer');
    change('peer', Object.assign(one, { favorite }));
    json(response, 200, { peerID, favorite });
  },
  'POST /api/self/profile': async (request, response) => {
    Object.assign(self.profile, await body(request));
    self.label = self.profile.label;
    json(response, 200, self);
  },
  'POST /api/self/appearance': async (request, response) => {
    self.appearsOffline = (await body(request)).offline;
    json(response, 200, self);
  },
  'GET /api/events': (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(': hello\n\n');
    streams.add(response);
    response.on('close', () => streams.delete(response));
  },
  'POST /api/visit': async (request, response) => {
    const { address = '' } = await body(request);
    const id = /(?:goop:\/\/|\/p2p\/)?([a-zA-Z0-9]{46,})(?:\?.*)?$/.exec(address)?.[1];
    if (!id) problem(response, 400, 'invalid', 'not an address');
    else if (id.startsWith('Qm')) problem(response, 404, 'not_found', 'no address is known');
    else json(response, 200, { peerID: id, siteUrl: siteUrl('a') });
  },
};

createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://x');
  if (pathname === '/healthz') {
    response.writeHead(200, { 'Cross-Origin-Resource-Policy': 'cross-origin' });
    return response.end('ok\n');
  }
  if (away && pathname.startsWith('/api/')) return request.socket.destroy();
  const route = routes[`${request.method} ${pathname}`];
  const open = !pathname.startsWith('/api/') || pathname === '/api/login';
  if (signedOut && !open) return problem(response, 401, 'signed_out', 'no session', 'run goop2 open DIR');
  if (route) return void route(request, response);
  if (request.method === 'GET') return void file(response, pathname);
  problem(response, 404, 'not_found', 'no such route');
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/#login=mock-secret-mock-secret`));
