// One Wi-Fi: two peers, each in a home of its own on one bridge, and a browser in Vera's. They see each
// other at once and visit; a cable that is pulled and a machine that sleeps are noticed, and what comes
// back is back by itself. The times are those of docs/dev/protocols/presence.md.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { openChromium, openTab } from './lib/chromium.mjs';
import { goInside } from './lib/namespaces.mjs';
import { Peer } from './lib/peers.mjs';
import { endAll, endWithin, needBrowser } from './lib/run.mjs';
import { scenario, within } from './lib/scenario.mjs';
import { Watch } from './lib/watch.mjs';

needBrowser('/usr/bin/chromium');
const net = goInside('vera', 280, (net) => {
  net.bridge('wifi');
  for (const [name, number] of [['vera', 1], ['olga', 2]]) {
    net.home(name);
    net.cable(name, 'wifi', `10.77.0.${number}/24`);
  }
});
endWithin(270);
after(endAll);

const second = 1000;
const ttl = 20 * second; // presence.ttl_seconds, as it is without a setting
const look = 1 * second + 200; // between two looks for who is silent, and until it is shown
const slack = 1 * second; // of a machine that has other things to do

const icon = '<link rel="icon" href="data:,">';
const site = (name) => ({ 'index.html': `<!doctype html><title>${name}</title>${icon}<h1>${name}’s site</h1>` });
const vera = new Peer('Vera', site('Vera'));
const olga = new Peer('Olga', site('Olga'), { prefix: net.inside('olga'), host: '10.77.0.2' });
olga.config.p2p.mdns_tag = vera.config.p2p.mdns_tag;

const browser = await openChromium();
const { context, page, complaints } = await openTab(browser);
const row = page.getByRole('list', { name: 'Peers' }).getByRole('listitem').filter({ hasText: 'Olga' });
await vera.start();
const veras = new Watch(vera);
let olgas;

const here = (peer) => peer.online;
const known = (peer) => peer.online && peer.proof === 'signature' && peer.label !== '';
const linked = (peer) => known(peer) && peer.way === 'direct';
const gone = (peer) => !peer.online;

async function olgaStarts() {
  await olga.start();
  olgas = new Watch(olga);
}
async function together() {
  net.plug('olga', 'wifi', 'up');
  if (!olga.process || olga.process.exitCode !== null) await olgaStarts();
  olga.signal('SIGCONT');
  await Promise.all([veras.until('Olga is here', olga, linked), olgas.until('Vera is here', vera, linked)]);
}
/** How long it took until both said so of each other. */
async function bothSay(what, wanted, after, seconds) {
  const patience = { after, seconds };
  const times = await Promise.all([veras.when(what, olga, wanted, patience), olgas.when(what, vera, wanted, patience)]);
  return Math.max(...times) - after;
}

const alone = async () => {
  if (olga.process) await olga.stop();
  if (olga.id) await veras.until('Olga is gone', olga, gone);
};
scenario('two peers see each other within a second, and know each other by name and signature soon after', alone, async () => {
  const before = Date.now();
  await olgaStarts();
  const up = olga.upAt;
  const seen = await bothSay('they see each other', here, before, 10);
  within(second, 'seen after both were up', before + seen - up);
  const named = await bothSay('they know each other', known, before, 10);
  within(2 * second, 'known after both were up', before + named - up);
});

test('Vera finds Olga on the Peers screen, and visits her site', async () => {
  await together();
  await page.goto(await vera.newLink());
  await page.getByRole('link', { name: 'Peers' }).click();
  await row.getByText('Online').waitFor();
  await row.getByText('Signed', { exact: true }).waitFor();
  const [tab] = await Promise.all([
    context.waitForEvent('page'),
    row.getByRole('link', { name: 'Visit the site of Olga' }).click(),
  ]);
  await tab.getByRole('heading', { name: 'Olga’s site' }).waitFor();
  await tab.close();
});

scenario('a pulled cable is noticed on both sides within a time to live; plugged in, they are back at once', together, async () => {
  const pulled = Date.now();
  net.plug('olga', 'wifi', 'down');
  const noticed = await bothSay('the other is gone', gone, pulled, 60);
  within(ttl + look + slack, 'noticed', noticed);
  await row.getByText('Offline').waitFor();
  const plugged = Date.now();
  net.plug('olga', 'wifi', 'up');
  within(2 * second, 'back', await bothSay('the other is back', linked, plugged, 60));
  await row.getByText('Online').waitFor();
});

scenario('a cable that is out for a moment is no news', together, async () => {
  const pulled = Date.now();
  net.plug('olga', 'wifi', 'down');
  await new Promise((done) => setTimeout(done, 3 * second));
  net.plug('olga', 'wifi', 'up');
  await new Promise((done) => setTimeout(done, 3 * second));
  const since = ({ at, peer }) => at >= pulled && !peer.online;
  assert.deepEqual([...veras.said, ...olgas.said].filter(since), []);
  const visit = await vera.api('POST', '/api/ping', { address: olga.address });
  assert.ok(visit);
});

scenario('a peer whose machine sleeps is noticed, and is back on both sides when it wakes', together, async () => {
  const asleep = Date.now();
  olga.signal('SIGSTOP');
  const noticed = await veras.when('Olga sleeps', olga, gone, { after: asleep, seconds: 60 });
  within(ttl + look + slack, 'noticed', noticed - asleep);
  const awake = Date.now();
  olga.signal('SIGCONT');
  const back = await veras.when('Olga is back', olga, linked, { after: awake, seconds: 60 });
  within(2 * second, 'back', back - awake);
  await olgas.until('Vera is there', vera, linked, 5);
});

scenario('a goodbye is seen within 200 ms', together, async () => {
  const told = Date.now();
  olga.signal('SIGTERM');
  const seen = await veras.when('Olga said goodbye', olga, gone, { after: told, seconds: 30 });
  await olga.exited;
  within(200, 'seen', seen - told);
  await row.getByText('Offline').waitFor();
  assert.equal(await olgas.exited, 1);
  assert.equal(olgas.complaint, `goop2: ${olga.dir} has stopped\n`);
});

test('nothing was complained about in the console', () => assert.deepEqual(complaints, []));
