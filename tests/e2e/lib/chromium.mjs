// Debian's Chromium, driven by playwright-core.
import { chromium } from 'playwright-core';
import { atEnd, needBrowser } from './run.mjs';

const args = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--allow-loopback-in-peer-connection'];

export async function openChromium({ proxy } = {}) {
  const executablePath = needBrowser('/usr/bin/chromium');
  const through = proxy ? [`--proxy-server=${proxy}`, '--proxy-bypass-list=<-loopback>'] : [];
  // Chromium's own sandbox needs another user than root.
  const browser = await chromium.launch({ executablePath, args: [...args, ...through], chromiumSandbox: process.getuid() !== 0 });
  atEnd(() => browser.close());
  return browser;
}

/** A browser as a person has it: not incognito, where Chromium prepares no connections. */
export async function openProfile() {
  const executablePath = needBrowser('/usr/bin/chromium');
  const context = await chromium.launchPersistentContext('', {
    executablePath, args, locale: 'en-GB', chromiumSandbox: process.getuid() !== 0,
  });
  atEnd(() => context.close());
  return context;
}

/** A tab in a profile of its own, and what its pages complained about. */
export async function openTab(browser, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints = [];
  const listen = (one) => {
    one.on('console', (message) => message.type() === 'error' && complaints.push(`${one.url()}: ${message.text()}`));
    one.on('pageerror', (error) => complaints.push(`${one.url()}: ${error}`));
  };
  listen(page);
  context.on('page', listen);
  return { context, page, complaints };
}
