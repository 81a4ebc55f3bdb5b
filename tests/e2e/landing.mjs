// The landing page, as a person meets it: log in, share, visit, watch who is connected.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, beforeEach } from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { openChromium, openTab } from './lib/chromium.mjs';
import { openAfresh, unreachedByTab } from './lib/page.mjs';
import { Peer, goop2 } from './lib/peers.mjs';
import { endAll, endWithin, until } from './lib/run.mjs';

endWithin(220);
after(endAll);

const browser = await openChromium();
const mira = await new Peer('Mira').start();
const kaj = await new Peer('Kaj', {
  'index.html': '<!doctype html><title>Kaj</title><link rel="icon" href="data:,"><h1>Kaj’s site</h1>',
}).start();
const { context, page, complaints } = await openTab(browser);
const state = page.locator('header [role=status]');
const peers = page.getByRole('list').filter({ has: page.getByRole('link', { name: /^Visit the site of/ }) });
const ground = (of) => of.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
const toMira = () => ['--connect', mira.address];
const isLive = () => page.getByText('Live', { exact: true }).waitFor();

await page.goto(await mira.newLink());
await page.getByRole('heading', { name: 'Mira', level: 1 }).waitFor();

// Each step begins at the page as it is opened, so that none falls because another did.
beforeEach(async () => {
  await Promise.all([mira.up(), kaj.up(...toMira())]);
  await openAfresh(page, mira.origin);
});

test('without a session the page says what to do, and nothing of the peer', async () => {
  const stranger = await openTab(browser);
  await stranger.page.goto(mira.origin);
  await stranger.page.getByRole('heading', { name: 'Open the viewer from your peer' }).waitFor();
  await stranger.page.getByText('goop2 open DIR').waitFor();
  assert.ok(!(await stranger.page.content()).includes('Mira'));
  assert.deepEqual(await axeFindings(stranger.page), []);
  await stranger.context.close();
});

test('a login link logs in, its secret leaves the address bar, and it works once', async () => {
  const link = await mira.newLink();
  const first = await openTab(browser);
  await first.page.goto(link);
  await first.page.getByRole('heading', { name: 'Mira', level: 1 }).waitFor();
  await first.page.getByText('Live', { exact: true }).waitFor();
  assert.equal(first.page.url(), `${mira.origin}/`);
  assert.ok(!(await first.page.evaluate(() => JSON.stringify(history.state) + location.href)).includes('login'));
  const [cookie, ...more] = await first.context.cookies();
  assert.equal(more.length, 0);
  assert.ok(cookie.name.includes(mira.id), 'the name of the cookie has the peer in it');
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.domain], [true, 'Strict', '127.0.0.1']);
  assert.deepEqual(first.complaints, []);
  await first.context.close();

  const second = await openTab(browser);
  await second.page.goto(link);
  await second.page.getByText('already used').waitFor();
  await second.context.close();
});

test('the peer id can be copied, and the link is there as a QR code', async () => {
  await page.getByText(mira.id, { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Copy peer id' }).click();
  await page.getByRole('status').getByText('Copied').waitFor();
  const field = page.getByLabel('Address of a peer');
  await field.focus();
  await page.keyboard.press('Control+V');
  assert.equal(await field.inputValue(), mira.id);
  await field.fill('');
  const squares = await page.getByRole('img', { name: 'QR code' }).locator('path').getAttribute('d');
  assert.ok(squares.length > 1000);
});

test('a wrong address is explained before the peer is asked', async () => {
  const field = page.getByLabel('Address of a peer');
  await field.fill('https://example.org/');
  await field.press('Enter');
  await page.getByText('This is a web address').waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  await field.fill('');
});

test('an address typed into the field opens that peer’s site, in its own origin', async () => {
  await page.getByLabel('Address of a peer').fill(kaj.address);
  const [tab] = await Promise.all([context.waitForEvent('page'), page.getByRole('button', { name: 'Visit', exact: true }).click()]);
  await tab.getByRole('heading', { name: 'Kaj’s site' }).waitFor();
  const origin = new URL(tab.url()).origin;
  assert.match(origin, new RegExp(`^http://k[0-9a-z]{61}\\.localhost:${mira.port}$`));
  assert.equal(tab.url(), `${origin}/p/${kaj.id}/`);
  assert.equal(await tab.evaluate(() => window.opener), null);
  assert.equal(await tab.evaluate(() => document.cookie + localStorage.length), '0');
  await tab.close();
});

test('the list of connected peers is live, with path and round-trip time', async () => {
  await mira.api('POST', '/api/visit', { address: kaj.address });
  await peers.getByText('Kaj', { exact: true }).waitFor();
  await peers.getByText('/ip4/127.0.0.1/tcp/').waitFor();
  await peers.getByText(/ ms$/).waitFor();
  await kaj.stop();
  await page.getByText('Nobody is connected yet').waitFor();
  await kaj.up(...toMira());
  await peers.getByText('Kaj', { exact: true }).waitFor();
  await peers.getByText('came to us').waitFor();
});

test('a reload keeps the session, and so does another tab', async () => {
  await page.reload();
  await page.getByRole('heading', { name: 'Mira', level: 1 }).waitFor();
  const second = await context.newPage();
  await second.goto(mira.origin);
  await second.getByRole('heading', { name: 'Mira', level: 1 }).waitFor();
  await second.close();
});

test('Dutch, light and dark: chosen, kept, and axe finds nothing in any of them', async () => {
  const colours = new Set();
  for (const [language, heading] of [['en', 'Connected peers'], ['nl', 'Verbonden peers']]) {
    await page.getByRole('combobox').selectOption(language);
    for (const theme of ['light', 'dark']) {
      await page.locator(`input[name=theme][value=${theme}]`).check({ force: true });
      await page.reload();
      await page.getByRole('heading', { name: heading }).waitFor();
      await isLive();
      assert.equal(await page.locator('html').getAttribute('lang'), language);
      colours.add(await ground(page));
      assert.deepEqual(await axeFindings(page), [], `${language}, ${theme}`);
    }
  }
  assert.equal(colours.size, 2);
});

test('without a choice the browser’s language and theme count, also when the theme changes', async () => {
  const dutch = await openTab(browser, { locale: 'nl-NL', colorScheme: 'dark' });
  await dutch.page.goto(await mira.newLink());
  await dutch.page.getByRole('heading', { name: 'Verbonden peers' }).waitFor();
  const dark = await ground(dutch.page);
  await dutch.page.emulateMedia({ colorScheme: 'light' });
  assert.notEqual(await ground(dutch.page), dark);
  await dutch.context.close();
});

test('everything is reached by keyboard, and the focus is seen', async () => {
  await mira.api('POST', '/api/visit', { address: kaj.address });
  await peers.getByText('Kaj', { exact: true }).waitFor();
  const seen = [];
  const unreached = await unreachedByTab(page, async () => {
    seen.push(await page.evaluate(() => {
      const at = document.activeElement;
      const ring = at.closest('label') ?? at;
      const visible = [at, ring].some((one) => getComputedStyle(one).outlineStyle !== 'none');
      return at.matches('a, button, input, select') && !visible ? at.outerHTML.slice(0, 120) : '';
    }));
  });
  assert.deepEqual(unreached, []);
  assert.deepEqual(seen.filter(Boolean), [], 'no visible focus');

  await page.evaluate(() => document.activeElement.blur());
  for (let i = 0; i < 60; ++i) {
    if (await page.evaluate(() => document.activeElement.id === 'visit-address')) break;
    await page.keyboard.press('Tab');
  }
  const opened = context.waitForEvent('page');
  await page.keyboard.type(kaj.id);
  await page.keyboard.press('Enter');
  const tab = await opened;
  await tab.getByRole('heading', { name: 'Kaj’s site' }).waitFor();
  await tab.close();
});

test('on a desktop goop2 open starts the browser, and the secret is in no command line', async () => {
  const bin = join(mira.dir, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\ncp -p "$1" "${bin}/page.html"; echo "$@" > "${bin}/args"\n`);
  chmodSync(join(bin, 'xdg-open'), 0o755);
  const said = await goop2(['open', mira.dir], { DISPLAY: ':99', PATH: `${bin}:${process.env.PATH}` });
  const args = await until('the browser was started', () => {
    try {
      return readFileSync(join(bin, 'args'), 'utf8');
    } catch {
      return '';
    }
  });
  assert.ok(!`${said}${args}`.includes('login'));
  assert.equal(statSync(join(bin, 'page.html')).mode & 0o777, 0o600);
  const file = await openTab(browser);
  await file.page.goto(`file://${bin}/page.html`);
  await file.page.getByRole('heading', { name: 'Mira', level: 1 }).waitFor();
  await file.context.close();
});

test('when the peer restarts, the page says so and goes on by itself', async () => {
  await isLive();
  const before = complaints.length;
  await mira.stop();
  await page.getByText('Your peer does not answer.').waitFor();
  assert.equal(await state.innerText(), 'Peer stopped');
  assert.deepEqual(await axeFindings(page), []);
  const { origin } = mira;
  await mira.up();
  assert.equal(mira.origin, origin, 'a free port is taken again');
  await isLive();
  await peers.getByText('Kaj', { exact: true }).waitFor();
  complaints.splice(before); // the browser itself reports each refused connection
});

test('nothing was complained about in the console', () => assert.deepEqual(complaints, []));
