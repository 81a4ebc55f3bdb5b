// The operator of a rendezvous server at work: real peers, a real browser.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createWebServer } from 'node:http';
import { join } from 'node:path';
import test, { after, beforeEach } from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { openChromium, openTab } from './lib/chromium.mjs';
import { ask } from './lib/http.mjs';
import { openAfresh, unreachedByTab } from './lib/page.mjs';
import { Peer, Server } from './lib/peers.mjs';
import { endAll, endWithin, until } from './lib/run.mjs';

endWithin(220);
after(endAll);

const password = 'correct horse "battery"';
const evil = '<img src=x onerror="document.title=1"> Olga';
const browser = await openChromium();
const town = new Server('Town');
Object.assign(town.config.presence, { admin_password: password, peer_db_path: 'peers.db' });
await town.start();
const origin = town.url;

const mira = new Peer('Mira');
const olga = new Peer('Olga');
olga.config.profile.label = evil;
for (const peer of [mira, olga]) peer.config.presence = { rendezvous_wan: origin };

const { page, complaints } = await openTab(browser);
const list = page.getByRole('list', { name: 'Peers' });
const row = (name) => list.getByRole('listitem').filter({ hasText: name });

/** Logs in where the login is asked for; then the page says how things are now. */
async function logIn() {
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (/\/admin\/login/.test(page.url())) {
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
  }
  await page.getByRole('heading', { name: 'Now' }).waitFor();
}

/** Both peers are here, and the list shows it. */
async function bothAreHere() {
  await Promise.all([mira.up(), olga.up()]);
  await logIn();
  await row('Mira').getByText('Socket, proven').waitFor({ timeout: 40_000 }); // it tries again by itself
  await row('onerror').getByText('Socket, proven').waitFor({ timeout: 40_000 });
}

// Each step begins at the page as it is opened, so that none falls because another did.
beforeEach(() => openAfresh(page, `${origin}/admin`));

test('the page leads to the login, which knows one password', async () => {
  assert.equal(page.url(), `${origin}/admin/login`);
  const field = page.getByLabel('Password');
  await field.fill('guess');
  await page.keyboard.press('Enter');
  await page.getByText('This is not the password.').waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await field.fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Now' }).waitFor();
  assert.equal(page.url(), `${origin}/admin`);
  await page.getByText('Nobody is here').waitFor();
});

test('goop.json does not hold the password any more', () => {
  const { presence } = JSON.parse(readFileSync(join(town.dir, 'goop.json'), 'utf8'));
  assert.match(presence.admin_password, /^\$argon2id\$/);
});

test('peers appear by themselves, with what stands behind them', async () => {
  await logIn();
  await mira.up();
  await row('Mira').getByText('Signed').waitFor();
  await row('Mira').getByText('Socket, proven').waitFor();
  await page.getByText('1 peer', { exact: true }).waitFor();
  await olga.up();
  await page.getByText('2 peers', { exact: true }).waitFor();
  assert.deepEqual(await axeFindings(page), []);
});

test('what a peer calls itself is text, and nothing else', async () => {
  await bothAreHere();
  await row('onerror').getByText(evil, { exact: true }).waitFor();
  await row('onerror').getByRole('button', { name: `Kick ${evil}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(`Kick ${evil}?`).waitFor();
  assert.equal(await page.locator('main img').count(), 0);
  assert.notEqual(await page.title(), '1');
  assert.deepEqual(await axeFindings(page), []);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await row('onerror').waitFor();
  const focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
  assert.equal(await focused(), `Kick ${evil}`, 'the focus is back where it was');
});

test('figures and charts move', async () => {
  await bothAreHere();
  const charts = page.getByRole('img', { name: /^Peers: 2 now/ });
  await charts.waitFor();
  await until('a line is drawn', async () => (await page.locator('path.line').first().getAttribute('d')) !== '');
});

test('search finds by name and by id', async () => {
  await bothAreHere();
  const search = page.getByRole('searchbox');
  await search.fill('mir');
  await row('onerror').waitFor({ state: 'detached' });
  await row('Mira').waitFor();
  await search.fill(olga.id.slice(-9));
  await row('onerror').waitFor();
  await search.fill('nobody');
  await page.getByText('Nobody matches.').waitFor();
  await search.fill('');
  await row('Mira').waitFor();
});

test('who is kicked goes, and comes back by itself', async () => {
  await bothAreHere();
  const opened = () => ask(`${origin}/metrics`).then(({ body }) => /sockets_opened_total (\d+)/.exec(body.toString())[1]);
  const before = await opened();
  await row('Mira').getByRole('button', { name: 'Kick Mira' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Kick' }).click();
  await page.getByText('Mira was kicked.').waitFor();
  await until('its socket is another one', async () => (await opened()) !== before);
  await row('Mira').getByText('Socket, proven').waitFor();
});

test('who is blocked goes and stays away, is told why, and is let in again', async (step) => {
  const dora = new Peer('Dora');
  dora.config.presence = { rendezvous_wan: origin };
  await dora.start();
  step.after(() => dora.stop());
  await logIn();
  await row('Dora').getByRole('button', { name: 'Block Dora' }).click();
  await page.getByRole('dialog').getByText('takes nothing of it any more').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Block' }).click();
  await page.getByText('Dora is blocked.').waitFor();
  await row('Dora').waitFor({ state: 'detached' });
  const body = JSON.stringify({ type: 'update', peerID: dora.id, content: 'Dora', ts: Date.now() });
  const refused = await ask(`${origin}/publish`, { method: 'POST', body });
  assert.equal(refused.status, 403);
  assert.match(refused.body.toString(), /operator of this server has blocked this peer/);
  assert.equal(await row('Dora').count(), 0);

  await page.getByRole('link', { name: 'Blocked' }).click();
  const blocked = page.getByRole('list', { name: 'Blocked' });
  await blocked.getByText(dora.id).waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await blocked.getByRole('button', { name: 'Unblock Dora' }).click();
  await page.getByText('Nobody is blocked.').waitFor();
  await page.getByRole('link', { name: 'Peers' }).click();
  await row('Dora').waitFor({ timeout: 40_000 }); // it tries again by itself, at half a minute the latest
});

test('what is no peer id cannot be blocked', async () => {
  await logIn();
  await page.getByRole('link', { name: 'Blocked' }).click();
  await page.getByRole('textbox').fill('nonsense');
  await page.getByRole('button', { name: 'Block' }).click();
  await page.getByText('This is no peer id.').waitFor();
});

test('the log says what was done, and not the password', async () => {
  await bothAreHere();
  await row('onerror').getByRole('button', { name: `Kick ${evil}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Kick' }).click();
  await page.getByText('was kicked.').waitFor();
  await page.getByRole('link', { name: 'Log' }).click();
  const log = page.getByRole('list', { name: 'Log' });
  await log.getByText(/operator\.kicked/).first().waitFor();
  const text = await log.innerText();
  assert.doesNotMatch(text, /battery|argon2/);
  assert.deepEqual(await axeFindings(page), []);
});

test('Dutch, light and dark: axe finds nothing in any of them', async () => {
  await bothAreHere();
  for (const [language, heading] of [['nl', 'Nu'], ['en', 'Now']]) {
    await page.getByRole('combobox').selectOption(language);
    for (const theme of ['light', 'dark']) {
      await page.locator(`input[name=theme][value=${theme}]`).check({ force: true });
      await page.getByRole('heading', { name: heading, exact: true }).waitFor();
      await row('Mira').waitFor();
      assert.deepEqual(await axeFindings(page), [], `${language}, ${theme}`);
    }
  }
});

test('everything is reached by keyboard', async () => {
  await bothAreHere();
  assert.deepEqual(await unreachedByTab(page), []);
});

test('a page of another site gets nothing done', async () => {
  await bothAreHere();
  // Another program on this machine: cookies ignore ports, so the session's goes along.
  let seen = '';
  const elsewhere = createWebServer((request, answer) => answer.end('<!doctype html>')).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  const other = await page.context().newPage();
  other.on('response', (answer) => (seen += `${answer.status()} ${new URL(answer.url()).pathname}\n`));
  await other.goto(`http://127.0.0.1:${elsewhere.address().port}/`);
  const got = await other.evaluate(
    ([url, peerID]) =>
      Promise.all([
        fetch(`${url}/api/operator/kick`, {
          method: 'POST',
          credentials: 'include',
          mode: 'no-cors',
          body: JSON.stringify({ peerID }),
        }).then(({ type }) => type, String),
        fetch(`${url}/api/operator/peers`, { credentials: 'include' }).then(String, () => 'unreadable'),
        fetch(`${url}/api/operator/peers`, { credentials: 'include', headers: { 'X-Goop-Session': 'x' } }).then(String, () => 'unreadable'),
      ]),
    [origin, olga.id],
  );
  await other.close();
  elsewhere.close();
  assert.deepEqual(got, ['opaque', 'unreadable', 'unreadable']);
  assert.match(seen, /40[13] \/api\/operator\/kick/);
  assert.doesNotMatch(seen, /200 \/api/);
  await row('onerror').waitFor();
});

test('a narrow window shows the same without scrolling sideways', async () => {
  await bothAreHere();
  await page.setViewportSize({ width: 360, height: 740 });
  await row('Mira').getByRole('button', { name: 'Kick Mira' }).waitFor();
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= room, `${wide} > ${room}`);
  if (process.env.GOOP_SHOTS) await page.screenshot({ path: join(process.env.GOOP_SHOTS, 'operator.png'), fullPage: true });
});

test('logging out closes the page, here and in other tabs', async () => {
  await logIn();
  const other = await page.context().newPage();
  await other.goto(`${origin}/admin`);
  await other.getByRole('heading', { name: 'Now' }).waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Password').waitFor();
  await other.getByText('Your session has ended.').waitFor();
  await page.goto(`${origin}/admin`);
  assert.match(page.url(), /\/admin\/login/);
});

test('nothing was complained about in the console', () => {
  // Chromium reports each refusal that the tests provoke as a failed resource.
  const real = complaints.filter((one) => !/the server responded with a status of 40[139]|ERR_FAILED|blocked by CORS policy/.test(one));
  assert.deepEqual(real, []);
});
