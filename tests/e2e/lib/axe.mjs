// What axe finds on a page, in one line for each finding.
import axe from 'axe-core';

export async function axeFindings(page) {
  // Evaluated, not added as a script element: the page's policy would refuse that.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')} (${node.any[0]?.message ?? ''})`));
}
