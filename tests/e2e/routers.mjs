// Two homes behind routers of their own, which nothing local connects, and a rendezvous server on the
// net between them: who is here, and how soon it is known who no longer is.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { goInside } from './lib/namespaces.mjs';
import { goop2, home, Peer, Server } from './lib/peers.mjs';
import { endAll, endWithin, until } from './lib/run.mjs';
import { scenario, within } from './lib/scenario.mjs';
import { Listener, Watch } from './lib/watch.mjs';

const net = goInside('vera', 280, (net) => {
  net.bridge('net');
  net.home('town');
  net.cable('town', 'net', '10.79.0.9/24');
  for (const [name, number] of [['vera', 1], ['olga', 2]]) {
    net.bridge(`lan${number}`);
    net.home(name);
    net.cable(name, `lan${number}`, `10.79.${number}.2/24`);
    net.route(name, 'default', 'via', `10.79.${number}.1`);
    net.router(`router${number}`);
    net.cable(`router${number}`, `lan${number}`, `10.79.${number}.1/24`);
    net.cable(`router${number}`, 'net', `10.79.0.${number}/24`);
    net.route(`router${number}`, 'unreachable', `10.79.${3 - number}.0/24`); // as behind a NAT
    net.route('town', `10.79.${number}.0/24`, 'via', `10.79.0.${number}`);
  }
});
endWithin(270);
after(endAll);

const second = 1000;
const grace = 5 * second; // of a peer whose proven socket broke
const ttl = 30 * second; // of one who announces none, at a server that sets none
const look = 5 * second; // between two looks for who is silent
const dead = 15 * second + 1 * second; // a socket that says nothing, and between two looks for one
const slack = 1 * second; // of a machine that has other things to do

const town = await new Server('town', { prefix: net.inside('town'), host: '10.79.0.9' }).start();
const vera = new Peer('Vera', {});
const olga = new Peer('Olga', {}, { prefix: net.inside('olga'), host: '10.79.2.2' });
for (const peer of [vera, olga]) peer.config.presence = { rendezvous_wan: town.url };
olga.config.p2p.mdns_tag = vera.config.p2p.mdns_tag; // it is the routers that part them
await vera.start();
const veras = new Watch(vera);
const board = new Listener(town.url, 'delta');
const beats = new Listener(town.url, 'full');

const known = (peer) => peer.online && peer.proof === 'signature';
const here = (peer) => peer.online;
const gone = (peer) => !peer.online;

async function olgaIsHere() {
  net.plug('olga', 'lan2', 'up');
  if (!olga.process || olga.process.exitCode !== null || olga.process.signalCode !== null) await olga.start();
  await veras.until('Olga is here', olga, known);
  await board.until('Olga is here', olga, here);
  const state = async () => JSON.parse(await goop2(['status', olga.dir, '--json'], {}, olga.place.prefix)).servers[0].state;
  await until('Olga has a socket', async () => (await state()) === 'websocket');
  // What comes over it proves it.
  await beats.when('Olga is here', olga, here, { after: Date.now(), seconds: 15 });
}

test('who is behind another router appears on both lists, once', async () => {
  await olgaIsHere();
  for (const [one, other] of [[vera, olga], [olga, vera]]) {
    const peers = await until(`${one.name} knows ${other.name}`, async () => {
      const list = JSON.parse(await goop2(['peers', one.dir, '--json'], {}, one.place.prefix)).peers;
      return list.some(known) && list;
    });
    assert.deepEqual(peers.map(({ peerID, label }) => [peerID, label]), [[other.id, other.name]]);
    assert.deepEqual([peers[0].online, peers[0].proof, peers[0].knownBy, peers[0].way], [true, 'signature', ['rendezvous'], 'none']);
  }
  const snapshot = new Listener(town.url, 'delta');
  await Promise.all([vera, olga].map((who) => snapshot.until('the list', who, here)));
  assert.deepEqual(snapshot.said.map(({ peer }) => peer.peerID).sort(), [vera.id, olga.id].sort());
});

scenario('who stops is gone from the server and from the other’s list within 200 ms', olgaIsHere, async () => {
  const told = Date.now();
  olga.signal('SIGTERM');
  const patience = { after: told, seconds: 30 };
  const [atServer, atVera] = await Promise.all([
    board.when('Olga said goodbye', olga, gone, patience),
    veras.when('Olga said goodbye', olga, gone, patience),
  ]);
  await olga.exited;
  within(200, 'gone from the server', atServer - told);
  within(200, 'gone from Vera’s list', atVera - told);
});

// Who only says that it is there, without a signature or a socket, as a script could.
async function stranger() {
  const dir = join(home, `Stan-${Date.now()}`);
  await goop2(['init', dir]);
  const stan = { name: 'Stan', id: JSON.parse(await goop2(['id', dir, '--json'])).peerID };
  const message = { type: 'online', peerID: stan.id, content: 'Stan', ts: Date.now() };
  const answer = await fetch(`${town.url}/publish`, { method: 'POST', body: JSON.stringify(message) });
  assert.equal(answer.status, 204);
  stan.saidAt = Date.now();
  return stan;
}

scenario('who is killed is gone after the grace of its socket; without one, after its time to live', olgaIsHere, async () => {
  const stan = await stranger();
  const killed = Date.now();
  olga.signal('SIGKILL');
  const patience = { after: killed, seconds: 60 };
  const [atServer, atVera] = await Promise.all([
    board.when('Olga is gone', olga, gone, patience),
    veras.when('Olga is gone', olga, gone, patience),
  ]);
  within(grace + slack, 'gone from the server', atServer - killed);
  within(grace + slack, 'gone from Vera’s list', atVera - killed);
  assert.ok(atServer - killed > grace - 100, 'it had the time to come back');
  assert.ok(board.now(stan).online);
  const silent = await board.when('Stan is gone', stan, gone, { after: stan.saidAt, seconds: 60 });
  within(ttl + look + slack, 'the silent one is gone', silent - stan.saidAt);
  assert.ok(silent - stan.saidAt > ttl - slack);
});

scenario('who was killed and is back within the grace was never gone', olgaIsHere, async () => {
  const killed = Date.now();
  olga.signal('SIGKILL');
  await olga.exited;
  await olga.start();
  await new Promise((done) => setTimeout(done, grace + second));
  const left = ({ at, peer }) => at >= killed && peer.peerID === olga.id && !peer.online;
  assert.deepEqual([...board.said, ...veras.said].filter(left), []);
  await olgaIsHere();
});

scenario('a pulled cable of one home is noticed, and it is back by itself', olgaIsHere, async () => {
  const pulled = Date.now();
  net.plug('olga', 'lan2', 'down');
  const seen = await veras.when('Olga is gone', olga, gone, { after: pulled, seconds: 60 });
  within(dead + grace + slack, 'gone', seen - pulled);
  const plugged = Date.now();
  net.plug('olga', 'lan2', 'up');
  const back = await veras.when('Olga is back', olga, known, { after: plugged, seconds: 60 });
  within(5 * second, 'back', back - plugged);
});
