// What several programs do with a page of ours.

/** Opens `url` as a step wants to find it, whatever the step before left: no chosen language or theme, a wide window. */
export async function openAfresh(page, url) {
  await page.setViewportSize({ width: 1280, height: 800 });
  if (new URL(page.url(), 'about:blank').origin === new URL(url).origin) {
    await page.evaluate(() => ['goop.language', 'goop.theme'].forEach((key) => localStorage.removeItem(key)));
  }
  await page.goto(url);
}

/**
 * Presses Tab until everything that can be used has had the focus, sixty times at most, and returns
 * what never had it. `visit` (in the page) is called with each element that has it.
 */
export async function unreachedByTab(page, visit = () => {}) {
  await page.evaluate(() => {
    document.activeElement?.blur();
    const wanted = [...document.querySelectorAll('a[href], button, input, select, summary')];
    globalThis.unreached = new Set(wanted.filter((one) => one.type !== 'radio' || one.checked));
  });
  for (let i = 0; i < 60 && (await page.evaluate(() => unreached.size)) > 0; ++i) {
    await page.keyboard.press('Tab');
    await page.evaluate(() => unreached.delete(document.activeElement));
    await visit();
  }
  return page.evaluate(() => [...unreached].map((one) => one.outerHTML));
}
