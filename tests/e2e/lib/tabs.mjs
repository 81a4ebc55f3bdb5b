// One way to drive both browsers: what the hostile tests need of a tab, over either library.
import { openChromium, openProfile } from './chromium.mjs';
import { openFirefox } from './firefox.mjs';

class Tab {
  constructor(page, wait) {
    this.page = page;
    this.waitFor = wait; // (fn, argument) until it is true in the page
  }
  goto(url) {
    return this.page.goto(url, { waitUntil: 'load' });
  }
  eval(fn, argument) {
    return this.page.evaluate(fn, argument);
  }
  url() {
    return this.page.url();
  }
  click(x, y) {
    return this.page.mouse.click(x, y);
  }
  close() {
    return this.page.close();
  }
}

/**
 * `proxy`: as for the browser; without one it is a profile as a person has it.
 * @returns {Promise<{open: (url: string) => Promise<Tab>, closeOthers: (kept?: Tab) => Promise<void>}>}
 */
export async function openTabs(name, proxy) {
  const ways = {
    chromium: async () => {
      const context = proxy ? await (await openChromium({ proxy })).newContext({ locale: 'en-GB' }) : await openProfile();
      const wait = (page) => (fn, argument) => page.waitForFunction(fn, argument, { timeout: 10_000 });
      return { newPage: () => context.newPage(), pages: async () => context.pages(), wait };
    },
    firefox: async () => {
      const browser = await openFirefox({ proxy });
      const wait = (page) => (fn, argument) => page.waitForFunction(fn, { timeout: 10_000 }, argument);
      return { newPage: () => browser.newPage(), pages: () => browser.pages(), wait };
    },
  };
  const { newPage, pages, wait } = await ways[name]();
  const open = async (url) => {
    const page = await newPage();
    const tab = new Tab(page, wait(page));
    await tab.goto(url);
    return tab;
  };
  const closeOthers = async (kept) => {
    for (const page of await pages()) if (page !== kept?.page) await page.close().catch(() => {});
  };
  return { open, closeOthers };
}
