// Builds the pages into build/web, for every CMake preset at once. What is embedded:
//
//   build/web/all/                the viewer's: index.html, assets/*, pages/*
//   build/web/server/             the rendezvous server's: index.html (operator), assets/*
//
// Installs the npm packages when the lock file has changed, and builds only when a source has.
// Two presets may build at the same time: one works, the other waits for it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(web, '../build/web');
const lock = join(out, 'lock');
const tools = join(web, '../build/tools/bin'); // where scripts/setup puts node and npm

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const filesOf = (folder) =>
  readdirSync(join(web, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
const hashOf = (files) => {
  const hash = createHash('sha256');
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex');
};
const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
const run = (...command) => {
  try {
    execFileSync(command[0], command.slice(1), { cwd: web, stdio: 'pipe', encoding: 'utf8', env });
  } catch (error) {
    console.error(`${command.join(' ')} failed:\n${error.stdout ?? ''}${error.stderr ?? error}`);
    process.exitCode = 1;
    throw error;
  }
};

// The lock names its holder, so that one left behind by a killed build does not last.
function takeLock() {
  mkdirSync(out, { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch {
      const holder = Number(read(lock));
      if (holder && !isAlive(holder)) rmSync(lock, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function install() {
  const installed = join(web, 'node_modules/.installed');
  const wanted = hashOf([join(web, 'package-lock.json')]);
  if (read(installed) === wanted) return;
  run('npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error');
  writeFileSync(installed, wanted);
}

function build() {
  const built = join(out, 'built');
  const single = ['package-lock.json', 'vite.config.ts', 'tsconfig.json'].map((file) => join(web, file));
  const folders = ['viewer', 'rendezvous', 'shared', 'pages', 'public', 'scripts'];
  const wanted = hashOf([...folders.flatMap(filesOf), ...single]);
  if (read(built) === wanted) return;
  rmSync(built, { force: true });
  for (const config of ['vite.config.ts', 'rendezvous/vite.config.ts', 'public/vite.config.ts']) {
    run('node', 'node_modules/vite/bin/vite.js', 'build', '--config', config, '--logLevel', 'warn');
  }
  const served = (file) => /\.(html|js|json)$/.test(file) && !file.endsWith('tsconfig.json');
  const site = [...['site.css', 'site.js'].map((file) => join(out, 'public', file)), join(web, 'shared/icon.svg')];
  gather('all', 'viewer', 'pages', [...filesOf('pages').filter(served), join(out, 'public/pages.css'), ...site]);
  gather('server', 'operator', 'assets', site);
  writeFileSync(built, wanted);
}

// The set `name`: what Vite made of `app`, and `files` in its folder `below`.
function gather(name, app, below, files) {
  const root = join(out, name);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
  cpSync(join(out, app), root, { recursive: true });
  mkdirSync(join(root, below), { recursive: true });
  for (const file of files) cpSync(file, join(root, below, basename(file)));
}

takeLock();
try {
  install();
  build();
} catch (error) {
  if (!process.exitCode) throw error;
} finally {
  rmSync(lock, { force: true });
}
