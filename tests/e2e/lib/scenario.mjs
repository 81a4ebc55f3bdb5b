// A test that measures on real clocks. What the rest of a busy machine has spoiled is done once more,
// whole, and it is said why; the promise stays what it is.
import test from 'node:test';

/** `ready` brings about what the steps begin with, whatever happened before. */
export function scenario(name, ready, steps) {
  test(name, async () => {
    await ready();
    try {
      await steps();
    } catch (why) {
      console.log(`once more: ${name}: ${why.message}`);
      await ready();
      await steps();
    }
  });
}

/** Says what was measured, in the log of the test; throws when it is over what was promised. */
export function within(milliseconds, what, measured) {
  console.log(`${what}: ${measured} ms (at most ${milliseconds})`);
  if (measured > milliseconds) throw new Error(`${what}: ${measured} ms, promised ${milliseconds}`);
}
