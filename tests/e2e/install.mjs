// Installs the npm packages of these tests when the lock file has changed.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const installed = join(here, 'node_modules/.installed');
const wanted = readFileSync(join(here, 'package-lock.json'), 'utf8');
if (!existsSync(installed) || readFileSync(installed, 'utf8') !== wanted) {
  const tools = join(here, '../../build/tools/bin'); // where scripts/setup puts node and npm
  const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
  execFileSync('npm', ['ci', '--ignore-scripts', '--loglevel=error'], { cwd: here, stdio: 'inherit', env });
  writeFileSync(installed, wanted);
}
