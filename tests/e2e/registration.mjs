// Registration at a rendezvous server as a person with a browser does it, with script and without.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { openChromium, openTab } from './lib/chromium.mjs';
import { ask } from './lib/http.mjs';
import { goop2, Peer, Server } from './lib/peers.mjs';
import { endAll, endWithin, until } from './lib/run.mjs';

endWithin(220);
after(endAll);

const shots = process.env.GOOP_SHOTS;
const browser = await openChromium();
const server = new Server('Guarded');
Object.assign(server.config.presence, { peer_db_path: 'peers.db', registration_required: true });
await server.start();
let printed = '';
server.process.stdout.on('data', (data) => (printed += data));
server.process.stdout.resume();
const mira = new Peer('Mira', { 'index.html': '<h1>Mira</h1>' });
mira.config.presence = { rendezvous_wan: server.url };
await mira.start();
const { context, page, complaints } = await openTab(browser);
await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });

/** The link for that address, which the operator sees on the console. */
const linkFor = (address) => until(`a link for ${address}`, () =>
  printed.split('Registration of ').find((block) => block.startsWith(`${address}\n`))?.match(/http:\S+\/verify\?token=\S+/)?.[0]);
const front = async () => (await ask(`${server.url}/`)).body.toString();

async function fine(name, of = page) {
  assert.deepEqual(await axeFindings(of), [], name);
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await of.screenshot({ path: join(shots, `registration-${name}.png`), fullPage: true });
}

test('from the front page over form, link and button to a token, with which a peer is seen', async () => {
  await page.goto(server.url);
  await page.getByRole('main').getByRole('link', { name: 'Register' }).click();
  await page.getByRole('heading', { name: 'Register', level: 1 }).waitFor();
  await fine('form');
  await page.getByRole('textbox', { name: 'Your e-mail address' }).fill('Mira@Example.org');
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await page.getByText('mira@example.org').waitFor();
  await fine('sent');

  await page.goto(await linkFor('mira@example.org'));
  await page.getByRole('heading', { name: 'Confirm your address' }).waitFor();
  await fine('confirm');
  await page.getByRole('button', { name: 'Yes, confirm it' }).click();
  await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
  await fine('done');
  await page.getByRole('button', { name: 'Copy' }).first().click();
  await page.getByRole('status').getByText('Copied').first().waitFor();
  const token = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(token.length, 44);
  assert.equal(new URL(page.url()).search, '', 'no token in the address bar');

  assert.match(await front(), /Nobody is here/);
  assert.match(await goop2(['status', mira.dir]), new RegExp(`${server.url}/register`));
  await goop2(['config', 'set', mira.dir, 'profile.email', 'mira@example.org']);
  await goop2(['config', 'set', mira.dir, 'profile.verification_token', token]);
  await until('Mira is here', async () => (await front()).includes('One peer is here'));
});

test('it works without script, on a phone, in Dutch', async () => {
  const plain = await openTab(browser, { javaScriptEnabled: false, locale: 'nl-NL', viewport: { width: 320, height: 700 } });
  await plain.page.goto(`${server.url}/register`);
  await plain.page.getByRole('textbox', { name: 'Je e-mailadres' }).fill('noor@example.org');
  await plain.page.getByRole('button', { name: 'Stuur mij een link' }).click();
  await plain.page.goto(await linkFor('noor@example.org'));
  await plain.page.getByRole('button', { name: 'Ja, bevestig het' }).click();
  await plain.page.getByRole('heading', { name: 'Je adres is bevestigd' }).waitFor();
  await plain.page.getByText('goop2 config set DIR profile.verification_token').waitFor();
  if (shots) await plain.page.screenshot({ path: join(shots, 'registration-phone.png'), fullPage: true });
  await plain.context.close();
});

test('what cannot be is said in words', async () => {
  await page.goto(`${server.url}/register`);
  await page.getByRole('textbox').evaluate((box) => (box.type = 'text'));
  await page.getByRole('textbox').fill('<img src=x onerror=alert(1)>');
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await page.getByRole('alert').getByText('That is not an e-mail address.').waitFor();
  assert.equal(await page.locator('main img').count(), 0);
  await page.goto(`${server.url}/verify?token=gone`);
  await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
  await fine('dead');
  complaints.length = 0; // the browser names answers of 400 in the console
});

test("another site's page cannot fill in the form", async () => {
  const before = printed.length;
  await page.goto('about:blank');
  await page.setContent(
    `<form method="post" action="${server.url}/register"><input name="email" value="eve@example.org"><button>Go</button></form>`,
  );
  const answered = page.waitForResponse(`${server.url}/register`);
  await page.getByRole('button', { name: 'Go' }).click();
  assert.equal((await answered).status(), 403);
  assert.equal(printed.length, before);
  complaints.length = 0;
});

test('nothing was complained about in the console', () => assert.deepEqual(complaints, []));
