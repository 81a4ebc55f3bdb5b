// What ctest runs as `web.unit`: unit tests and strict types, at the same time, quiet when all is well.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = join(dirname(fileURLToPath(import.meta.url)), '..');
const steps = [
  ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot'],
  ['node_modules/svelte-check/bin/svelte-check', '--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'pages/tsconfig.json'],
];

const run = (step) =>
  new Promise((done) => {
    const child = spawn(process.execPath, step, { cwd: web });
    let said = '';
    child.stdout.on('data', (data) => (said += data));
    child.stderr.on('data', (data) => (said += data));
    child.on('close', (code) => done({ step, code, said }));
  });

const failed = (await Promise.all(steps.map(run))).filter(({ code }) => code !== 0);
for (const { step, said } of failed) console.error(`${step.join(' ')}\n${said}`);
process.exitCode = failed.length ? 1 : 0;
