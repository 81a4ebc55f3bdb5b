// What axe finds on a page, in one line for each finding.
import axe from 'axe-core';

/** Waits until no animation or transition runs: in the middle of one, colours are nobody's choice. */
export async function animationsEnd(page) {
  await page.evaluate(async () => {
    const running = () => document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity);
    for (let all = running(); all.length > 0; all = running()) await Promise.allSettled(all.map(({ finished }) => finished));
  });
}

export async function axeFindings(page) {
  await animationsEnd(page);
  // Evaluated, not added as a script element: the page's policy would refuse that.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')} (${node.any[0]?.message ?? ''})`));
}
