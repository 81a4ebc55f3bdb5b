// Hostile pages of the ordinary web, and of other programs on this machine, against viewer and sites,
// in a real browser: `node hostile_web.mjs chromium|firefox`.
import assert from 'node:assert/strict';
import test from 'node:test';
import { askRaw } from './lib/http.mjs';
import { until } from './lib/run.mjs';
import {
  attackFrom, bodies, browser, browserName, eve, fred, nothingPlanted, ofViewer, originOf, parts, pathOf, routes, showsVera,
  siteOf, stan, state, targets, thiefPlan, vera, webPort, witness,
} from './lib/world.mjs';

// What browsers themselves refuse across origins, before anything is sent.
const neverSent = new Set(['Worker', 'SharedWorker', 'service worker', 'prerender']);

const fredElsewhere = `http://${new URL(originOf(fred)).hostname}:${webPort}`; // shares cookies with Fred's site
const oneOfEachKind = [...new Map(targets.map((one) => [`${new URL(one.url).host} ${one.who}`, one])).values()];
// Firefox takes most of a second for each window and frame; the guard's rules are in the kinds.
const forBrowser = { chromium: targets, firefox: oneOfEachKind }[browserName];
const pages = [
  ['an ordinary web page', `http://evil.test:${webPort}`, forBrowser],
  ['another port of 127.0.0.1', `http://127.0.0.1:${webPort}`, oneOfEachKind],
  ['another port of a site’s host', fredElsewhere, oneOfEachKind.filter(({ url }) => url.startsWith(originOf(fred)))],
];
for (const [name, origin, list] of pages) {
  test(`every way, from ${name}`, async () => {
    const page = await browser.open(origin);
    const { through, report, seen } = await attackFrom(page, list);
    const probes = new Set(list.filter(({ who }) => who === 'probe').map(({ name }) => name));
    assert.deepEqual(through.filter(({ target, note }) => !(probes.has(target) && note.includes('opaque'))), []);
    // These pages have no policy of their own: what they tried came to the viewer, which refused it.
    const sent = Map.groupBy(seen, ({ url }) => new URL(url).searchParams.get('way'));
    const urlOf = new Map(list.map(({ name, url }) => [name, url])); // routes may differ by their method alone
    for (const [way, reported] of Map.groupBy(report, ({ way }) => way)) {
      if (neverSent.has(way)) continue;
      const tries = new Set(reported.map(({ target }) => urlOf.get(target))).size;
      const count = new Set((sent.get(way) ?? []).map(({ url }) => url)).size;
      // Chromium delays WebSockets that fail; the page does not wait for all of them.
      const enough = way === 'WebSocket' ? tries / 2 : tries;
      assert.ok(count >= enough, `${way}: ${count} of ${tries} tries were sent`);
    }
    await browser.closeOthers();
  });
}

test('nothing can be taken from viewer and sites, and no cookie planted', async () => {
  const origin = `http://evil.test:${webPort}`;
  const page = await browser.open(origin);
  const had = await page.eval((plan) => steal(plan), thiefPlan(origin));
  // Such a page has no policy that keeps it from these.
  for (const own of ['word to the outside', 'picture to the outside', 'eval', 'script in the page', 'cookie for test']) delete had[own];
  assert.ok(Object.keys(had).length >= 20);
  assert.deepEqual(Object.entries(had).filter(([, what]) => what !== ''), []);
  await browser.closeOthers();
  await nothingPlanted();
});

test('a person who is sent to the viewer’s addresses finds a page, and nothing has happened', async () => {
  const before = await state();
  const page = await browser.open(`http://evil.test:${webPort}`);
  for (const route of ofViewer) {
    await page.goto(`http://evil.test:${webPort}`);
    await page.eval((url) => {
      const link = Object.assign(document.createElement('a'), { href: url, textContent: 'win' });
      document.body.append(link);
      link.click();
    }, `${vera.origin}${pathOf(route, parts(eve, 'index.html'))}?address=${encodeURIComponent(stan.address)}#login=${'0'.repeat(32)}`);
    await page.waitFor((own) => location.origin !== own, `http://evil.test:${webPort}`).catch(() => {}); // it moved under us
  }
  assert.deepEqual(await state(), before);
  assert.equal(await stan.connectedTo(vera), false);
  await browser.closeOthers();
});

test('a page on another port cannot log the viewer out with a cookie of the same name', async () => {
  const page = await browser.open(`http://127.0.0.1:${webPort}`);
  await page.eval((name) => {
    for (const path of ['/', '/api', '/api/self', '/api/connections']) document.cookie = `${name}=${'0'.repeat(32)}; Path=${path}`;
  }, `goop-${vera.id}`);
  await page.goto(`${vera.origin}/`);
  await showsVera(page);
  await browser.closeOthers();
});

// Twenty of 4 KB each: more than any server takes of a head unless it passes over them.
const plantCookies = (names) => names.forEach((name) => (document.cookie = `${name}=${'x'.repeat(4000 - name.length)}; Path=/`));
const forgetCookies = (names) => names.forEach((name) => (document.cookie = `${name}=; Path=/; Max-Age=0`));
test('large cookies of other programs on this machine lock nobody out: not the viewer, sites, or a fresh link', async () => {
  const names = Array.from({ length: 20 }, (_, i) => `large${i}`);
  const planters = [];
  for (const origin of [`http://127.0.0.1:${webPort}`, fredElsewhere]) {
    const page = await browser.open(origin);
    await page.eval(plantCookies, names);
    assert.ok((await page.eval(() => document.cookie.length)) > 75_000);
    planters.push(page);
  }
  const start = witness.seen.length;
  await showsVera(await browser.open(`${vera.origin}/`));
  const diary = await browser.open(siteOf(fred));
  await diary.waitFor(() => document.querySelector('h1')?.innerText === 'Fred’s diary');
  await showsVera(await browser.open(await vera.newLink()));
  const burdened = witness.seen.slice(start).filter(({ headers }) => (headers.cookie?.length ?? 0) > 75_000);
  for (const origin of [vera.origin, originOf(fred)]) assert.ok(burdened.some(({ url }) => url.startsWith(origin)), origin);
  assert.deepEqual(burdened.filter(({ status }) => status >= 400).map(({ url, status }) => `${url}: ${status}`), []);
  for (const page of planters) await page.eval(forgetCookies, names);
  await browser.closeOthers();
});

test('whose browser sends even more cookies reads what mends it', async () => {
  const fields = `Host: 127.0.0.1:${vera.port}\r\nCookie: ${'a=b; '.repeat(220_000)}\r\n\r\n`;
  const { status, text } = await askRaw(vera.port, `GET / HTTP/1.1\r\n${fields}`);
  assert.equal(status, 431);
  assert.match(text, /\nClear-Site-Data: "cookies"\r\n/);
  assert.match(text, /<a href="">Try again<\/a>/);
});

test('a host of any other name is refused, whatever it asks for', async () => {
  const label = new URL(originOf(fred)).hostname;
  const hosts = [
    'evil.test', `evil.test:${vera.port}`, '127.0.0.1', `127.0.0.1:${vera.port + 1}`, `127.0.0.1.:${vera.port}`, `127.1:${vera.port}`,
    `0.0.0.0:${vera.port}`, `2130706433:${vera.port}`, `localhost.:${vera.port}`, `evil.localhost:${vera.port}`, `x.${label}:${vera.port}`,
    `${label}.:${vera.port}`, `${label}:${vera.port + 1}`, `${label}.evil.test:${vera.port}`,
    `${label.slice(0, -11)}.localhost:${vera.port}`, `127.0.0.1:${vera.port}@evil.test`, `127.0.0.1:${vera.port},evil.test`, '',
  ];
  const bad = [];
  for (const host of hosts) {
    for (const route of routes) {
      const path = pathOf(route, parts(fred, 'secret.html'));
      const { status } = await askRaw(vera.port, `${route.method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      if (status !== 421 && status !== 400) bad.push(`${host} ${path}: ${status}`);
    }
  }
  assert.deepEqual(bad, []);
  // Large letters are no other name (RFC 9110 4.2.3): it is the site's host, and nothing of the viewer's.
  const large = (path) => askRaw(vera.port, `GET ${path} HTTP/1.1\r\nHost: ${label.toUpperCase()}:${vera.port}\r\nConnection: close\r\n\r\n`);
  assert.equal((await large(`/p/${fred.id}/secret.html`)).status, 200);
  assert.equal((await large('/api/status')).status, 404);
  for (const lines of ['', `Host: 127.0.0.1:${vera.port}\r\nHost: evil.test\r\n`]) {
    const { status } = await askRaw(vera.port, `GET /healthz HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`);
    assert.equal(status, 400, `${lines || 'no host'}`);
  }
});

test('other names of this machine lead to the viewer’s own, and do nothing else', async () => {
  for (const host of [`localhost:${vera.port}`, `[::1]:${vera.port}`]) {
    const got = await askRaw(vera.port, `GET /x?y HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    assert.equal(got.status, 302);
    assert.match(got.text, new RegExp(`\nLocation: ${vera.origin}/x\\?y\r\n`, 'i'));
    const posted = await askRaw(vera.port, `POST /api/visit HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    assert.equal(posted.status, 421);
  }
});

test('an address that was typed and redirects to a site never visited asks first, too', async () => {
  const page = await browser.open(`http://evil.test:${webPort}/to?${encodeURIComponent(siteOf(stan))}`);
  assert.equal(new URL(page.url()).origin + new URL(page.url()).pathname, `${vera.origin}/visit`);
  assert.equal(await stan.connectedTo(vera), false);
  await browser.closeOthers();
});

test('a page elsewhere cannot see by a window which sites were visited', async () => {
  const page = await browser.open(`http://evil.test:${webPort}`);
  for (const peer of [fred, stan]) { // one was visited, the other never
    await page.eval((url) => void (globalThis.opened = window.open(url)), siteOf(peer));
    await page.waitFor(() => opened.closed); // no handle is left, whatever is shown there
  }
  await browser.closeOthers();
});

test('a link to a site never visited asks first: nothing is dialled before the button, which acts only after 500 ms', async () => {
  const page = await browser.open(`http://evil.test:${webPort}`);
  const seenAt = () => page.eval(() => ({ x: 0, y: 0, ...(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }))(document.getElementById('visit').getBoundingClientRect()) }));
  const follow = async () => {
    await page.goto(`http://evil.test:${webPort}`);
    await page.eval((url) => void setTimeout(() => (location.href = url)), `${siteOf(stan)}index.html?a=b`);
    await page.waitFor(() => document.getElementById('visit') !== null); // its first 500 ms may pass unseen
  };
  await follow();
  assert.equal(new URL(page.url()).origin, vera.origin);
  assert.equal(await page.eval(() => window.opener), null);

  // Scripts press it in vain, and so does a hand that is quicker than the eye.
  let early = false;
  for (let i = 0; i < 10 && !early; ++i) {
    await follow();
    await page.eval(() => {
      addEventListener('click', () => (globalThis.clickedAt = performance.now()), true);
      document.getElementById('visit').click();
    });
    const { x, y } = await seenAt();
    await page.click(x, y);
    early = await page.eval(() => document.getElementById('visit').getAttribute('aria-disabled') === 'true' && clickedAt > 0);
  }
  assert.ok(early, 'the test was too slow to press the button early');
  assert.equal(new URL(page.url()).origin, vera.origin);
  assert.equal(await stan.connectedTo(vera), false);

  await page.waitFor(() => document.getElementById('visit').getAttribute('aria-disabled') === 'false');
  assert.ok((await page.eval(() => performance.now())) >= 500);
  await page.eval(() => document.getElementById('visit').click()); // a script's click is none
  assert.equal(await stan.connectedTo(vera), false);
  const { x, y } = await seenAt();
  await page.click(x, y);
  await page.waitFor(() => document.querySelector('h1')?.innerText === 'Stan’s site');
  assert.equal(page.url(), `${siteOf(stan)}index.html?a=b`);
  await until('connected', () => stan.connectedTo(vera));
  await browser.closeOthers();
});

test('after all that, the login secret that was spread about is still good, and the session holds', async () => {
  const { secret } = JSON.parse(bodies.login);
  const viewer = await browser.open(`${vera.origin}/`);
  await showsVera(viewer);
  const { sessions } = await vera.status();
  await viewer.goto('about:blank');
  await viewer.goto(`${vera.origin}/#login=${secret}`);
  await until('another session', async () => (await vera.status()).sessions === sessions + 1);
});
