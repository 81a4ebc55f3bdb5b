// What every test program here begins with: is the browser there, and an end that is certain.
import { existsSync } from 'node:fs';

export const skipCode = 77; // CMakeLists.txt tells ctest

/** Leaves with a reason, which ctest shows, when the browser is not installed. */
export function needBrowser(file) {
  if (existsSync(file)) return file;
  console.log(`${file} is not installed (scripts/setup test installs it)`);
  process.exit(skipCode);
}

const undoings = [];

/** To be undone at the end, the latest first; `undo` may be asynchronous. */
export function atEnd(undo) {
  undoings.push(undo);
}

export async function endAll() {
  for (const undo of undoings.splice(0).reverse()) await Promise.resolve(undo()).catch(() => {});
}

/** Ends the program by itself before ctest kills it: what it started would stay behind. */
export function endWithin(seconds) {
  const timer = setTimeout(async () => {
    console.log(`not done after ${seconds} s`);
    const hurry = setTimeout(() => process.exit(1), 5000);
    await endAll();
    clearTimeout(hurry);
    process.exit(1);
  }, seconds * 1000);
  timer.unref();
}

/** Asks until `ask` gives something truthy. For states outside the browser only. */
export async function until(what, ask, seconds = 10) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const got = await ask();
    if (got) return got;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
