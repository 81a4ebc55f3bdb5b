// Many strangers guess the operator's password; the operator gets in, in two browsers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import test, { after } from 'node:test';
import { openChromium, openTab } from './lib/chromium.mjs';
import { openFirefox } from './lib/firefox.mjs';
import { ask } from './lib/http.mjs';
import { Server } from './lib/peers.mjs';
import { endAll, endWithin, until } from './lib/run.mjs';

endWithin(220);
after(endAll);

const password = 'correct horse "battery"';
const city = new Server('City');
Object.assign(city.config.presence, { admin_password: password, trusted_proxies: ['127.0.0.1/32'] });
await city.start();

// The server believes a proxy on this machine, so an address is a field.
const guess = (address) =>
  ask(`${city.url}/api/operator/login`, {
    method: 'POST',
    headers: { 'X-Forwarded-For': address, Origin: city.url, 'Content-Type': 'application/json' },
    body: '{"password":"guess"}',
  }).then(({ status }) => status);

/** A proxy through which a browser comes from `address`. */
async function proxyFrom(address) {
  const proxy = createServer((request, answer) => {
    const headers = { ...request.headers, 'x-forwarded-for': address };
    const onward = send(request.url, { method: request.method, headers }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    request.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  after(() => proxy.close());
  return `http://127.0.0.1:${proxy.address().port}`;
}

const statuses = new Map();
let guessing = true;
const crowd = Array.from({ length: 12 }, async (_, one) => {
  for (let i = one; guessing && i < 12_000; i += 12) {
    const network = [
      `10.${(i >> 8) & 255}.${i & 255}.7`, // a /24,
      `2001:db8:${i.toString(16)}::7`, // a /48 and
      `2001:db8:0:${i.toString(16)}::7`, // a /64 of its own each time
    ][i % 3];
    const status = await guess(network);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    await new Promise((done) => setTimeout(done, 100));
  }
});
after(() => {
  guessing = false;
  return Promise.all(crowd);
});

/** Seconds of a core that the server has used. */
function used() {
  const fields = readFileSync(`/proc/${city.process.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

test('strangers are not looked at beyond a few guesses', async (t) => {
  await until('they are asked for a proof', () => (statuses.get(428) ?? 0) > 50, 60);
  const [before, since] = [used(), performance.now()];
  await new Promise((done) => setTimeout(done, 5000)); // a span to measure over
  const share = (used() - before) / ((performance.now() - since) / 1000);
  t.diagnostic(`${[...statuses].map(([status, n]) => `${n} times ${status}`).join(', ')}; ${Math.round(share * 100)} % of a core`);
  assert.ok(share < 0.6, `${share} of a core`);
  assert.equal(statuses.get(200), undefined);
});

test('the operator comes from anywhere and gets in: Chromium', async (t) => {
  const browser = await openChromium({ proxy: await proxyFrom('198.51.100.9') });
  const { page } = await openTab(browser);
  page.setDefaultTimeout(60_000);
  await page.goto(`${city.url}/admin/login`);
  await page.getByLabel('Password').fill(password);
  const start = performance.now();
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Now' }).waitFor({ timeout: 60_000 });
  t.diagnostic(`in after ${Math.round(performance.now() - start)} ms`);
});

test('a neighbour who guessed does not lock others behind the same address: Firefox', async (t) => {
  const school = '203.0.113.5';
  const proxy = await proxyFrom(school);
  for (let i = 0; i < 12; ++i) await guess(school);
  assert.equal(await guess(school), 428);
  const browser = await openFirefox({ proxy });
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${city.url}/admin/login`);
  await page.locator('input[type=password]').fill(password);
  const start = performance.now();
  await page.locator('form button').click();
  await page.waitForSelector('#now-title', { timeout: 60_000 });
  t.diagnostic(`in after ${Math.round(performance.now() - start)} ms`);
});
