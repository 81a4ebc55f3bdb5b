// The Peers screen, as a person meets it: two peers find each other by themselves.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, beforeEach } from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { openChromium, openTab } from './lib/chromium.mjs';
import { openAfresh, unreachedByTab } from './lib/page.mjs';
import { Peer } from './lib/peers.mjs';
import { endAll, endWithin, until } from './lib/run.mjs';

endWithin(220);
after(endAll);

const tag = `goop-e2e-${process.pid}`;
const evil = '<img src=x onerror="document.title=1"> Olga';
const browser = await openChromium();
const mira = new Peer('Mira');
const kaj = new Peer('Kaj', {
  'index.html': '<!doctype html><title>Kaj</title><link rel="icon" href="data:,"><h1>Kaj’s site</h1>',
});
const olga = new Peer('Olga');
for (const peer of [mira, kaj, olga]) {
  peer.config.p2p = { mdns_tag: tag };
}
olga.config.profile.label = evil;
await mira.start();

const { context, page, complaints } = await openTab(browser);
const list = page.getByRole('list', { name: 'Peers' });
const row = (name) => list.getByRole('listitem').filter({ hasText: name });
const search = page.getByRole('searchbox', { name: 'Search by name or peer id' });

await page.goto(await mira.newLink());
await page.getByRole('heading', { name: 'Mira', level: 1 }).waitFor();

// Each step begins at the screen as it is opened, so that none falls because another did.
beforeEach(() => openAfresh(page, `${mira.origin}/peers`));

/** Both others are here, and the list shows it. */
async function everybodyIsHere() {
  await Promise.all([kaj.up(), olga.up()]);
  await row('Kaj').getByText('Online').waitFor();
  await row('onerror').getByText('Online').waitFor();
}

test('alone, one is told what to do', async () => {
  await page.goto(mira.origin);
  await page.getByRole('link', { name: 'Peers' }).click();
  await page.getByText('Start a second peer on this Wi-Fi').waitFor();
  assert.equal(page.url(), `${mira.origin}/peers`);
  assert.deepEqual(await axeFindings(page), []);
});

test('a second peer appears by itself, signed, and says how it is reached', async () => {
  await kaj.up();
  await row('Kaj').getByText('Online').waitFor();
  await row('Kaj').getByText('Signed', { exact: true }).waitFor();
  await row('Kaj').getByText(/^reached over/).waitFor();
  await page.getByText('1 peer · 1 online').waitFor();
});

test('a reload, and a link to the screen, show the same', async () => {
  await kaj.up();
  await row('Kaj').getByText('Online').waitFor();
  await page.reload();
  await row('Kaj').getByText('Online').waitFor();
});

test('what a peer calls itself is text, and nothing else', async () => {
  await olga.up();
  await row('onerror').getByRole('link').getByText(evil, { exact: true }).waitFor();
  assert.equal(await list.locator('img').count(), 0);
  assert.notEqual(await page.title(), '1');
});

test('search finds by name and by id, and says when it finds nobody', async () => {
  await everybodyIsHere();
  await search.fill('kaj');
  await row('Kaj').waitFor();
  await row('onerror').waitFor({ state: 'detached' });
  await search.fill(kaj.id.slice(-8));
  await row('Kaj').waitFor();
  await search.fill('nobody at all');
  await page.getByText('Nobody matches').waitFor();
  await page.getByRole('button', { name: 'Show everybody' }).click();
  await row('onerror').waitFor();
  assert.equal(await search.inputValue(), '');
});

test('a favourite comes first, stays over a reload, and can be shown alone', async () => {
  await everybodyIsHere();
  const olgas = row('onerror').getByRole('button', { name: /^Favourite/ });
  if ((await olgas.getAttribute('aria-pressed')) !== 'true') await olgas.click();
  await until('it is marked', async () => (await olgas.getAttribute('aria-pressed')) === 'true');
  await page.reload();
  await row('Kaj').waitFor();
  assert.match(await list.getByRole('listitem').first().innerText(), /onerror/);
  await page.getByRole('switch', { name: 'Favourites only' }).check();
  await row('Kaj').waitFor({ state: 'detached' });
  await page.getByRole('switch', { name: 'Favourites only' }).uncheck();
  await page.getByRole('switch', { name: 'Hide who does not sign' }).check();
  await row('Kaj').waitFor();
  await page.getByRole('switch', { name: 'Hide who does not sign' }).uncheck();
  await olgas.click();
  await until('it is no longer marked', async () => (await olgas.getAttribute('aria-pressed')) === 'false');
});

test('a click on a name opens that peer’s site', async () => {
  await everybodyIsHere();
  const [tab] = await Promise.all([
    context.waitForEvent('page'),
    row('Kaj').getByRole('link', { name: 'Visit the site of Kaj' }).click(),
  ]);
  await tab.getByRole('heading', { name: 'Kaj’s site' }).waitFor();
  assert.equal(await tab.evaluate(() => window.opener), null);
  await tab.close();
});

test('everybody can be asked again', async () => {
  await page.getByRole('button', { name: 'Ask everybody again' }).click();
  await page.getByText('Everybody was asked.').waitFor({ state: 'attached' });
});

test('one’s own name is written to goop.json, and others see it at once', async () => {
  await kaj.up();
  await page.getByLabel('Name', { exact: true }).fill('Mira the Second');
  await page.getByLabel('E-mail', { exact: true }).fill('nonsense');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('This is no e-mail address.').waitFor();
  await page.getByLabel('E-mail', { exact: true }).fill('mira@example.org');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved. Others see it at once.').waitFor();
  const { profile } = JSON.parse(readFileSync(join(mira.dir, 'goop.json'), 'utf8'));
  assert.deepEqual([profile.label, profile.email], ['Mira the Second', 'mira@example.org']);
  const seen = () => kaj.api('GET', '/api/peers').then(({ peers }) => peers.find(({ peerID }) => peerID === mira.id));
  const told = await until('Kaj sees the name', async () => {
    const one = await seen();
    return one?.label === 'Mira the Second' && one;
  });
  assert.equal(told.email, '', 'the e-mail goes to nobody unasked');
  await page.getByRole('switch', { name: 'Show my e-mail to everybody' }).check();
  await until('Kaj sees the e-mail', async () => (await seen())?.email === 'mira@example.org');
});

test('who appears offline is offline for others, until told otherwise', async () => {
  await kaj.up();
  const said = () => kaj.api('GET', '/api/peers').then(({ peers }) => peers.find(({ peerID }) => peerID === mira.id));
  const appear = page.getByRole('switch', { name: 'Appear offline' });
  await until('Kaj sees it', async () => (await said())?.online);
  await appear.check();
  await until('Kaj was told', async () => !(await said())?.online);
  await appear.uncheck();
  await until('Kaj was told otherwise', async () => (await said())?.online);
});

test('Dutch, light and dark: axe finds nothing in any of them', async () => {
  await everybodyIsHere();
  for (const [language, heading] of [['nl', 'Zo zien anderen jou'], ['en', 'How others see you']]) {
    await page.getByRole('combobox').selectOption(language);
    for (const theme of ['light', 'dark']) {
      await page.locator(`input[name=theme][value=${theme}]`).check({ force: true });
      await page.getByRole('heading', { name: heading }).waitFor();
      await row('Kaj').waitFor({ state: 'attached' });
      assert.deepEqual(await axeFindings(page), [], `${language}, ${theme}`);
    }
  }
});

test('everything is reached by keyboard', async () => {
  await everybodyIsHere();
  assert.deepEqual(await unreachedByTab(page), []);
});

test('a peer that stops is shown offline, readable, and is back when it is', async () => {
  await everybodyIsHere();
  await kaj.stop();
  await row('Kaj').getByText('Offline').waitFor();
  await row('Kaj').getByText('Last seen').waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await kaj.up();
  await row('Kaj').getByText('Online').waitFor();
});

test('nothing was complained about in the console', () => assert.deepEqual(complaints, []));
