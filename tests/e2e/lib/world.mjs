// Vera is logged in to her viewer and has visited Fred's site and Eve's. Eve's site is hostile, as are
// some pages of the ordinary web. They try every way (hostile/attack.js) on every route (read from
// the route table), and say what they tried and what became of it. Everything the browser sends goes
// through a witness, so that what really came to the viewer, and what it answered, is known as well.
//
// The program's first argument says in which browser: chromium or firefox.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import { after } from 'node:test';
import { Peer } from './peers.mjs';
import { pathOf, readRoutes } from './routes.mjs';
import { atEnd, endAll, endWithin } from './run.mjs';
import { openTabs } from './tabs.mjs';
import { Witness } from './witness.mjs';

export { pathOf };
endWithin(220);
after(endAll);

// --- the people ---

const folder = new URL('../hostile/', import.meta.url);
const hostileFiles = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder))]));
const icon = '<link rel="icon" href="data:,">';
export const [vera, fred, eve, stan] = await Promise.all([
  new Peer('Vera').start(),
  new Peer('Fred', {
    'index.html': `<!doctype html>${icon}<title>Fred</title><script src="diary.js"></script><h1>Fred’s diary</h1>`,
    'diary.js': 'localStorage.diary = document.cookie = "diary=1234"',
    'secret.html': `<!doctype html>${icon}<title>secret</title>`,
  }).start(),
  new Peer('Eve', hostileFiles).start(),
  new Peer('Stan', { 'index.html': `<!doctype html>${icon}<title>Stan</title><h1>Stan’s site</h1>` }).start(),
]);
export const originOf = (peer) => `http://${new URL(peer.self.siteUrl).hostname}`.replace(/:\d+$/, '') + `:${vera.port}`;
export const siteOf = (peer) => `${originOf(peer)}/p/${peer.id}/`;

// Hostile pages of the ordinary web, without any policy; what reaches /collect was stolen.
export const collected = [];
const web = http.createServer((request, answer) => {
  const name = new URL(request.url, 'http://x').pathname.slice(1) || 'index.html';
  if (name.startsWith('collect')) collected.push(request.url);
  if (name === 'to') return answer.writeHead(302, { Location: decodeURIComponent(request.url.split('?')[1]) }).end();
  if (!Object.hasOwn(hostileFiles, name)) return answer.writeHead(404).end();
  answer.setHeader('Content-Type', name.endsWith('.js') ? 'text/javascript' : 'text/html');
  answer.end(hostileFiles[name]);
});
await new Promise((done) => web.listen(0, '127.0.0.1', done));
atEnd(() => (web.closeAllConnections(), web.close()));
export const webPort = web.address().port;

// Vera's peer knows how to reach Stan's, has never been asked to visit it, and is not connected.
await vera.api('POST', '/api/ping', { address: stan.address });
await stan.stop();
await stan.start();
for (const peer of [fred, eve]) await vera.api('POST', '/api/visit', { address: peer.address });

export const witness = await new Witness().start();
export const browserName = process.argv[2] ?? 'chromium';
export const browser = await openTabs(browserName, witness.url);
await showsVera(await browser.open(await vera.newLink()));
const diary = await browser.open(siteOf(fred));
await diary.waitFor(() => localStorage.diary === 'diary=1234');

/** Waits until a page shows Vera's landing page, which it only does with a session. */
export function showsVera(tab) {
  return tab.waitFor(() => document.querySelector('h1')?.innerText === 'Vera');
}

// --- what is attacked ---

export const routes = readRoutes();
export const bodies = {
  login: JSON.stringify({ secret: new URL(await vera.newLink()).hash.split('=')[1] }), // a good one
  visit: JSON.stringify({ address: stan.address }),
  ping: JSON.stringify({ address: stan.address }),
};
export const parts = (peer, name) => ({ peer: peer.id, path: name, name: 'visit.js' });
const target = (origin, route, peer = fred) => ({
  name: `${new URL(origin).hostname.slice(0, 9)} ${route.method} ${route.pattern}`,
  url: origin + pathOf(route, parts(peer, 'secret.html')),
  body: bodies[route.id],
  who: route.who,
});
export const ofViewer = routes.filter(({ host }) => host !== 'site');
const ofSites = routes.filter(({ host }) => host !== 'viewer');
const sitePatterns = new Set(ofSites.filter(({ who }) => who !== 'site_content').map(({ pattern }) => pattern));
export const targets = [
  ...ofViewer.map((route) => target(vera.origin, route)),
  ...ofSites.map((route) => target(originOf(fred), route)),
  ...ofViewer.filter(({ id }) => ['self', 'visit', 'site_gateway'].includes(id)).map((route) => target(`http://localhost:${vera.port}`, route)),
  ...ofSites.filter(({ id }) => id === 'site_file').map((route) => target(originOf(stan), route, stan)),
  { name: 'hostile script on the viewer’s host', url: `${vera.origin}/p/${eve.id}/attack.js`, who: 'gateway' },
  { name: 'rebound name', url: `http://rebound.test:${vera.port}/api/self`, who: 'viewer' },
];
// What a site finds on its own host: none of the viewer's routes, and no other peer.
export const ownTargets = ofViewer.filter(({ pattern }) => !sitePatterns.has(pattern)).map((route) => target(originOf(eve), route));

const attacked = new Set([vera.origin, `http://localhost:${vera.port}`, `http://rebound.test:${vera.port}`, originOf(fred), originOf(stan)]);
export const pathsOfOwn = new Set(ownTargets.map(({ url }) => new URL(url).pathname));

// A person may be sent to these: nothing happens, and whoever sent them learns nothing.
const navigable = new Set(['navigation', 'viewer_page', 'gateway', 'site_content']);
const whoOf = (url) => {
  const { hostname, pathname } = new URL(url);
  const list = hostname.endsWith('.localhost') ? ofSites : ofViewer;
  const fits = ({ pattern }) => new RegExp(`^${pattern.replace(/\{\w+\.\.\.\}/, '.*').replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname);
  return list.find((route) => route.method === 'GET' && fits(route))?.who;
};

/** What a hostile page caused and should not have been answered. */
function breaches(entries) {
  return entries.filter(({ method, url, headers, status, answer }) => {
    const at = new URL(url.replace(/^ws:/, 'http:'));
    const own = at.origin === originOf(eve) && pathsOfOwn.has(at.pathname);
    if (!own && !attacked.has(at.origin)) return false;
    if (Object.keys(answer ?? {}).some((name) => name.startsWith('access-control-'))) return true;
    if (status === 0 || status >= 400) return false;
    // The pages that a hostile one opened ask for what they need themselves, and the browser vouches for it.
    if (!own && headers['sec-fetch-site'] === 'same-origin' && !at.search.includes('way')) return false;
    const who = whoOf(at.href);
    if (who === 'probe') return false;
    if (at.hostname === 'localhost' && status === 302) return false; // leads to what is judged itself
    const going = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
    return !(going && method === 'GET' && !own && navigable.has(who) && !headers['sec-purpose']);
  }).map(({ method, url, headers, status }) => `${method} ${url} ${headers['sec-fetch-dest']}: ${status}`);
}

export const state = async () => {
  const { sessions, label, addresses, connections } = await vera.status();
  return { sessions, label, addresses, connected: connections.map(({ peerID }) => peerID).sort() };
};

export async function attackFrom(page, list) {
  const before = await state();
  const start = witness.seen.length;
  const ways = await page.eval(() => attackWays);
  const plain = list.map(({ name, url, body }) => ({ name, url, body }));
  const report = await page.eval((list) => attack(list), plain);
  const seen = witness.seen.slice(start);
  const tried = new Set(report.map(({ target, way }) => `${target}: ${way}`));
  for (const { name } of list) for (const way of ways) assert.ok(tried.has(`${name}: ${way}`), `not tried: ${name}: ${way}`);

  const through = report.filter(({ outcome }) => outcome === 'through');
  assert.deepEqual(breaches(seen), [], 'answered');
  assert.deepEqual(await state(), before, 'something changed');
  assert.equal(await stan.connectedTo(vera), false, 'a stranger was dialled');
  return { through, report, seen };
}

export const thiefPlan = (origin) => ({
  viewer: `${vera.origin}/`,
  friend: siteOf(fred),
  outside: `http://evil.test:${webPort}/collect`,
  host: new URL(origin).hostname,
});

/** No hostile cookie comes along to viewer or sites. */
export async function nothingPlanted() {
  const start = witness.seen.length;
  await browser.open(siteOf(fred));
  await showsVera(await browser.open(`${vera.origin}/`));
  assert.deepEqual(witness.seen.slice(start).filter(({ headers }) => headers.cookie?.includes('planted')), []);
  await browser.closeOthers();
}
