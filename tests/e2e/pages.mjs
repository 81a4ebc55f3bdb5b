// The pages that a stranger reads: a server's front page, and the manual there and in the viewer.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, beforeEach } from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { openChromium, openTab } from './lib/chromium.mjs';
import { ask } from './lib/http.mjs';
import { openAfresh } from './lib/page.mjs';
import { Peer, Server } from './lib/peers.mjs';
import { endAll, endWithin, until } from './lib/run.mjs';

endWithin(220);
after(endAll);

const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script>';
const shots = process.env.GOOP_SHOTS;
const browser = await openChromium();
const server = new Server('Town');
await server.start();
const mira = new Peer('Mira', { 'index.html': '<h1>Mira</h1>' });
const peers = [mira, new Peer('Hidden'), new Peer(hostile)];
peers[2].dir = join(mira.dir, '../hostile'); // a name is not a good folder here
for (const [i, peer] of peers.entries()) {
  peer.config.profile.listed = i !== 1;
  peer.config.presence = { rendezvous_wan: server.url };
  await peer.start();
}
const { context, page, complaints } = await openTab(browser);
await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });

const shoot = async (name, of = page) => {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await of.screenshot({ path: join(shots, `pages-${name}.png`), fullPage: true });
};

// Each step begins at the front page as it is opened, so that none falls because another did.
beforeEach(() => openAfresh(page, server.url));

test('the front page says who wants to be seen, counts all, and no more', async () => {
  await until('three peers are here', async () => (await ask(`${server.url}/`)).body.includes('3 peers are here now'));
  await page.reload();
  await page.getByRole('heading', { name: 'A meeting point', level: 1 }).waitFor();
  const listed = page.locator('.listed');
  await listed.getByText('Mira', { exact: true }).waitFor();
  assert.equal(await listed.getByRole('listitem').count(), 2);
  const text = await page.content();
  for (const secret of ['Hidden', peers[1].id, '/ip4/', '/tcp/']) assert.ok(!text.includes(secret), secret);
});

test('a hostile label is text', async () => {
  await page.locator('.listed').getByText(hostile, { exact: true }).waitFor();
  assert.equal(await page.locator('main img, main script').count(), 0);
});

test('the line to join is copied by its button', async () => {
  const line = `goop2 peer my-site --server ${server.url}`;
  const row = page.locator('.copy').filter({ hasText: line });
  await row.getByRole('button', { name: 'Copy' }).click();
  await row.getByRole('status').getByText('Copied').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), line);
});

test('where a page has no clipboard of its own the text is copied all the same', async () => {
  await page.evaluate(() => navigator.clipboard.writeText('nothing'));
  await page.evaluate(() => Object.defineProperty(navigator.clipboard, 'writeText', { value: () => Promise.reject() }));
  await page.locator('.copy').first().getByRole('button', { name: 'Copy' }).click();
  await page.locator('.copy').first().getByRole('status').getByText('Copied').waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^goop2 peer/);
});

test('the address is there as a QR code that says it', async () => {
  const code = page.getByRole('img', { name: "QR code of this server's address" });
  const path = await code.locator('path').getAttribute('d');
  const side = Number((await code.getAttribute('viewBox')).split(' ')[2]);
  const dark = new Set([...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x},${y}`));
  assert.ok(side >= 21 + 8, 'with its quiet zone');
  const finder = (x, y) => [...Array(7).keys()].every((i) => dark.has(`${x + i},${y}`) && dark.has(`${x},${y + i}`));
  assert.ok(finder(4, 4) && finder(side - 11, 4) && finder(4, side - 11), 'its three corners');
  assert.equal(await page.locator('[data-qr]').getAttribute('data-qr'), server.url);
});

test('Dutch, light, dark and narrow: axe finds nothing, and nothing sticks out', async () => {
  const colours = new Set();
  const frames = ['/', '/docs/'];
  const all = [...frames, '/docs/hosting', '/docs/configuration', '/docs/search?q=port', '/docs/none'];
  const looks = [['en-GB', 'light', 1200, all], ['en-GB', 'dark', 1200, all], ['en-GB', 'light', 320, all], ['nl-NL', 'dark', 320, frames]];
  for (const [locale, colorScheme, width, paths] of looks) {
    const tab = await openTab(browser, { locale, colorScheme, viewport: { width, height: 800 } });
    for (const path of paths) {
      await tab.page.goto(server.url + path);
      assert.equal(await tab.page.locator('html').getAttribute('lang'), locale.slice(0, 2));
      const what = `${path}, ${locale}, ${colorScheme}, ${width}`;
      assert.deepEqual(await axeFindings(tab.page), [], what);
      assert.ok(await tab.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), what);
      if (path !== '/docs/none') await shoot(`${path.replace(/\W+/g, '-')}-${colorScheme}-${width}`, tab.page);
    }
    colours.add(await tab.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor));
    await tab.context.close();
  }
  assert.equal(colours.size, 2);
});

test('a theme that was chosen is kept', async () => {
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.getByLabel('Theme').selectOption('light');
  const light = await ground();
  await page.getByLabel('Theme').selectOption('dark');
  const dark = await ground();
  assert.notEqual(light, dark);
  await page.goto(`${server.url}/docs/`);
  assert.equal(await ground(), dark);
  assert.equal(await page.getByLabel('Theme').inputValue(), 'dark');
});

test('the manual: contents, next page, parts, search; with the keyboard', async () => {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Manual' }).click();
  await page.getByRole('heading', { name: 'Goop2: the manual', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'First steps' }).last().click();
  await page.getByRole('heading', { name: 'First steps', level: 1 }).waitFor();
  assert.equal(await page.locator('.contents [aria-current=page]').innerText(), 'First steps');
  await page.locator('.contents').getByRole('link', { name: 'Make the site yours' }).click();
  await page.waitForURL(/#make-the-site-yours$/);
  await page.locator('[rel=next]').click();
  await page.getByRole('heading', { name: 'A class of forty', level: 1 }).waitFor();
  await page.getByRole('searchbox').fill('trusted prox');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Found in the manual' }).waitFor();
  assert.ok((await page.locator('mark').count()) > 1);
  await page.locator('.found a').first().click();
  await page.waitForURL(/\/docs\/(hosting|configuration)/);
  await page.goto(`${server.url}/docs/`);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
});

test('what was searched for is text', async () => {
  await page.goto(`${server.url}/docs/search?q=${encodeURIComponent('"><script>alert(1)</script>')}`);
  assert.equal(await page.getByRole('searchbox').inputValue(), '"><script>alert(1)</script>');
  assert.equal(await page.locator('main script').count(), 0);
});

test('every link of every page of the manual leads somewhere, here and in the viewer', async () => {
  for (const origin of [server.url, mira.origin]) {
    const left = ['/docs/'];
    const seen = new Map();
    while (left.length) {
      const path = left.pop();
      if (seen.has(path)) continue;
      const answer = await ask(origin + path, { headers: { Accept: 'text/html' } });
      assert.equal(answer.status, 200, `${origin}${path}`);
      seen.set(path, answer.body.toString());
      for (const [, target] of seen.get(path).matchAll(/href="(\/docs\/[^"#]*)/g)) left.push(target);
    }
    assert.ok(seen.size >= 6, [...seen.keys()].join());
    for (const [path, body] of seen) {
      for (const [, other, part] of body.matchAll(/href="([^"#]*)#([^"]+)"/g)) {
        if (other && !other.startsWith('/docs/')) continue;
        assert.ok(seen.get(other || path).includes(`id="${part}"`), `${path}: ${other}#${part}`);
      }
    }
  }
});

test('without script all of it can be read', async () => {
  const plain = await openTab(browser, { javaScriptEnabled: false });
  await plain.page.goto(server.url);
  await plain.page.getByText('goop2 peer my-site').waitFor();
  assert.equal(await plain.page.getByRole('button').count(), 0);
  await plain.page.goto(`${server.url}/docs/`);
  await plain.page.getByRole('searchbox').fill('firewall');
  await plain.page.getByRole('button', { name: 'Search' }).click();
  await plain.page.locator('mark').first().waitFor();
  await plain.context.close();
});

test('the viewer leads to its own copy of the manual, in its look', async () => {
  await page.goto(await mira.newLink());
  await page.getByRole('heading', { name: 'Mira', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Manual' }).click();
  await page.waitForURL(`${mira.origin}/docs/`);
  await page.getByRole('heading', { name: 'Goop2: the manual', level: 1 }).waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await shoot('viewer-manual');
  await page.getByRole('searchbox').fill('rendezvous_wan');
  await page.keyboard.press('Enter');
  await page.locator('mark').first().waitFor();
  await page.getByRole('link', { name: 'Peers', exact: true }).click();
  await page.getByRole('heading', { name: 'Peers', level: 1 }).waitFor();
});

test('signed out, the viewer still shows the manual', async () => {
  const stranger = await openTab(browser, { locale: 'nl-NL', viewport: { width: 320, height: 700 } });
  await stranger.page.goto(`${mira.origin}/docs/school`);
  await stranger.page.getByRole('heading', { name: 'A class of forty', level: 1 }).waitFor();
  await stranger.page.getByRole('navigation', { name: 'Inhoud van de handleiding' }).waitFor();
  assert.deepEqual(await axeFindings(stranger.page), []);
  assert.ok(await stranger.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  assert.deepEqual(stranger.complaints, []);
  await stranger.context.close();
});

test('nothing was complained about in the console', () => assert.deepEqual(complaints, []));
