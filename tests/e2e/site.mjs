// A site, as its visitor and its owner meet it: two peers, one browser.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, beforeEach } from 'node:test';
import { deflateSync, crc32 } from 'node:zlib';
import { axeFindings } from './lib/axe.mjs';
import { openChromium, openTab } from './lib/chromium.mjs';
import { Peer } from './lib/peers.mjs';
import { endAll, endWithin } from './lib/run.mjs';
import { brightnessOf, makeVideo } from './lib/video.mjs';

endWithin(220);
after(endAll);

const shots = process.env.GOOP_SHOTS ?? new URL('../../build/e2e', import.meta.url).pathname;
mkdirSync(shots, { recursive: true });

// A square of one colour; PNG's own checksums and compression, nothing else.
function png(size, colour) {
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(data.length, 0);
    numbers.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([numbers.subarray(0, 4), body, numbers.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2], 8);
  const rows = Buffer.alloc(size * (1 + 3 * size));
  for (let i = 0; i < rows.length; ++i) rows[i] = i % (1 + 3 * size) === 0 ? 0 : colour[(i % (1 + 3 * size) - 1) % 3];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

const MiB = 1 << 20;
const video = makeVideo(64 * MiB);
const page = (title, body) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,">` +
  `<link rel="stylesheet" href="/p/PEER/style.css"></head><body><h1>${title}</h1>${body}</body></html>`;

const browser = await openChromium();
const { GOOP_OWNER_NETNS: netns, GOOP_OWNER_HOST: host } = process.env; // set by homes.mjs
const owner = new Peer('Olga', {}, netns && { prefix: ['ip', 'netns', 'exec', netns], host });
const visitor = await new Peer('Vera').start();
await owner.start();
const write = (path, content) => owner.write(path, content.replaceAll('PEER', owner.id));
write('index.html', page('Olga', '<img src="red.png" alt="a red square"><video src="film.mp4" muted preload="metadata"></video><a href="notes">Notes</a>'));
write('notes/index.html', page('Notes', '<a href="deep/">Deeper</a>'));
write('notes/deep/index.html', page('Deep', '<a href="../..">Home</a>'));
write('style.css', 'h1 { color: rgb(1, 2, 3); background: url("red.png") }');
owner.write('red.png', png(16, [255, 0, 0]));
owner.write('film.mp4', video.file);
await visitor.api('POST', '/api/visit', { address: owner.address });
const home = owner.self.siteUrl.replace(`:${owner.port}`, `:${visitor.port}`);

const { context, page: tab, complaints } = await openTab(browser, { viewport: { width: 1200, height: 800 } });
const answers = [];
tab.on('response', (answer) => answers.push(answer));
const heading = (name) => tab.getByRole('heading', { name, level: 1 }).waitFor();

beforeEach(() => owner.up()); // whatever the step before left

test('a site of another peer opens with its pictures and style', async () => {
  await tab.goto(home);
  await heading('Olga');
  assert.equal(await tab.locator('img').evaluate((image) => image.decode().then(() => image.naturalWidth)), 16);
  assert.equal(await tab.locator('h1').evaluate((one) => getComputedStyle(one).color), 'rgb(1, 2, 3)');
  assert.match(answers[0].headers()['content-type'], /^text\/html/);
});

test('a reload asks whether anything has changed, and gets nothing twice', async () => {
  answers.length = 0;
  await tab.goto(home);
  await heading('Olga');
  const etag = await answers[0].headerValue('etag');
  assert.match(etag, /^"[^"]+"$/);
  answers.length = 0;
  await tab.reload();
  await heading('Olga');
  const again = answers.filter((answer) => /(\/|css|png)$/.test(answer.url()));
  assert.ok(again.length >= 2);
  // Chromium shows a 304 as the answer it kept; what came over the wire tells.
  for (const answer of again) assert.equal((await answer.request().sizes()).responseBodySize, 0, answer.url());
  owner.write('style.css', 'h1 { color: rgb(4, 5, 6) }');
  await tab.reload();
  await heading('Olga');
  assert.equal(await tab.locator('h1').evaluate((one) => getComputedStyle(one).color), 'rgb(4, 5, 6)');
});

test('a folder is its index, with a slash behind it so that its links work', async () => {
  await tab.goto(home);
  await tab.getByRole('link', { name: 'Notes' }).click();
  await heading('Notes');
  assert.equal(tab.url(), `${home}notes/`);
  await tab.getByRole('link', { name: 'Deeper' }).click();
  await heading('Deep');
  await tab.getByRole('link', { name: 'Home' }).click();
  await heading('Olga');
  assert.equal(tab.url(), home);
});

test('a page that is not there says so', async () => {
  const answer = await tab.goto(`${home}nothing.html`);
  assert.equal(answer.status(), 404);
  assert.deepEqual(await axeFindings(tab), []);
});

test('the site’s own 404.html is shown instead, with the status of what is not there', async () => {
  write('404.html', page('Lost?', '<a href="/p/PEER/">Home</a>'));
  const answer = await tab.goto(`${home}notes/nothing.html`);
  assert.equal(answer.status(), 404);
  await tab.getByRole('heading', { name: 'Lost?' }).waitFor();
});

test('a site that waits for a part that is not built yet says so, above its own words', async () => {
  write('waits.html', page('Guests', '<script src="/sdk/goop-data.js"></script><p>Loading…</p>'));
  await tab.goto(`${home}waits.html`);
  await tab.getByRole('status').getByText('a part of Goop² that is not built yet').waitFor();
});

test('a video of 64 MiB plays, and seeks by asking for the part it needs', async () => {
  assert.ok(video.file.length >= 64 * MiB);
  await tab.goto(home);
  answers.length = 0;
  const length = await tab.locator('video').evaluate((film) =>
    new Promise((done, failed) => {
      film.onerror = () => failed(film.error.message);
      if (film.readyState >= 1) done(film.duration);
      film.onloadedmetadata = () => done(film.duration);
    }));
  assert.equal(Math.round(length * video.framesPerSecond), video.frames);
  for (const frame of [video.frames - 30, 10, Math.floor(video.frames / 2)]) {
    const shown = await tab.locator('video').evaluate((film, time) =>
      new Promise((done, failed) => {
        film.onerror = () => failed(film.error.message);
        film.onseeked = () => {
          const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
          canvas.getContext('2d').drawImage(film, 0, 0, 1, 1);
          done(canvas.getContext('2d').getImageData(0, 0, 1, 1).data[0]);
        };
        film.currentTime = time;
      }), (frame + 0.5) / video.framesPerSecond);
    // The picture's levels go from 16 to 235, the canvas's from 0 to 255.
    const expected = ((brightnessOf(frame % 384) - 16) * 255) / 219;
    assert.ok(Math.abs(shown - expected) <= 3, `frame ${frame}: ${shown}, not ${expected}`);
  }
  const parts = answers.filter((answer) => answer.url().endsWith('film.mp4'));
  assert.ok(parts.length >= 2);
  for (const part of parts) assert.equal(part.status(), 206);
  const starts = parts.map((part) => Number(/^bytes (\d+)-/.exec(part.headers()['content-range'])[1]));
  assert.ok(Math.max(...starts) > 60 * MiB, `parts begin at ${starts}`);
});

test('when the owner stops, the page says so, and comes back by itself', async () => {
  await tab.goto(`${home}notes/`);
  await heading('Notes');
  const before = complaints.length;
  await owner.stop();
  await tab.reload();
  await tab.getByRole('heading', { level: 1 }).waitFor();
  assert.equal(await tab.getByRole('heading', { name: 'Notes' }).count(), 0);
  assert.ok((await tab.content()).includes(owner.id));
  assert.deepEqual(await axeFindings(tab), []);
  await tab.screenshot({ path: join(shots, 'away.png') });
  await owner.up();
  await tab.getByRole('heading', { name: 'Notes' }).waitFor({ timeout: 40_000 });
  complaints.splice(before); // the browser itself reports each 502
});

test('the starter site works under the policy of sites, in light and dark', async () => {
  const before = complaints.length;
  for (const colorScheme of ['light', 'dark']) {
    await tab.emulateMedia({ colorScheme });
    await tab.goto(visitor.self.siteUrl);
    const broken = await tab.evaluate(async () => {
      const links = [...document.links].filter(({ origin }) => origin === location.origin);
      const answers = await Promise.all(links.map(({ href }) => fetch(href, { method: 'HEAD' })));
      return answers.filter(({ ok }) => !ok).map(({ url }) => url);
    });
    assert.deepEqual(broken, []);
    assert.deepEqual(await axeFindings(tab), [], colorScheme);
    await tab.screenshot({ path: join(shots, `starter-${colorScheme}.png`) });
  }
  assert.equal(await tab.evaluate(() => [...document.images].every((one) => one.complete && one.naturalWidth > 0)), true);
  assert.deepEqual(complaints.slice(before), []);
});

test('the owner reads on the start page what visitors do not get, and what to do', async () => {
  symlinkSync('/etc/hostname', join(visitor.dir, 'site/name.txt'));
  await tab.goto('about:blank');
  await tab.goto(await visitor.newLink());
  await tab.getByText('Visitors do not get name.txt').waitFor();
  assert.deepEqual(await axeFindings(tab), []);
  rmSync(join(visitor.dir, 'site/name.txt'));
  await tab.evaluate(() => window.dispatchEvent(new Event('focus')));
  await tab.getByText('Visitors do not get name.txt').waitFor({ state: 'detached' });
});

test('pictures of the landing page', async () => {
  await tab.goto('about:blank'); // else the link would be a new fragment of the same page
  await tab.goto(await visitor.newLink());
  await tab.getByRole('link', { name: /^Visit the site of/ }).waitFor();
  for (const colorScheme of ['light', 'dark']) {
    await tab.emulateMedia({ colorScheme });
    await tab.reload();
    await tab.getByRole('link', { name: /^Visit the site of/ }).waitFor();
    await tab.screenshot({ path: join(shots, `landing-${colorScheme}.png`) });
  }
  await tab.setViewportSize({ width: 390, height: 844 });
  await tab.screenshot({ path: join(shots, 'landing-narrow.png'), fullPage: true });
});

test('nothing was complained about in the console', () =>
  assert.deepEqual(complaints.filter((one) => !one.includes('nothing.html')), []));
