// site.mjs with the two peers in homes of their own: network namespaces with a cable between them.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { skipCode } from './lib/run.mjs';

const ours = `goop-vera-${process.pid}`;
const theirs = `goop-olga-${process.pid}`;
const [near, far] = ['10.77.0.1', '10.77.0.2'];
const ip = (...words) => execFileSync('ip', words, { stdio: 'pipe' });

if (process.getuid() !== 0 || !['/usr/sbin/ip', '/usr/bin/ip', '/sbin/ip'].some(existsSync)) {
  console.log('network namespaces need root and iproute2 (scripts/setup test installs it)');
  process.exit(skipCode);
}
try {
  ip('netns', 'add', ours);
  ip('netns', 'exec', ours, 'true'); // mounts, which a bare chroot does not allow
} catch (refused) {
  spawnSync('ip', ['netns', 'delete', ours]);
  console.log(`no network namespaces here: ${refused.stderr.toString().trim()}`);
  process.exit(skipCode);
}

let code = 1;
try {
  ip('netns', 'add', theirs);
  ip('link', 'add', 'cable', 'netns', ours, 'type', 'veth', 'peer', 'name', 'cable', 'netns', theirs);
  for (const [space, address] of [[ours, near], [theirs, far]]) {
    ip('-n', space, 'address', 'add', `${address}/24`, 'dev', 'cable');
    ip('-n', space, 'link', 'set', 'cable', 'up');
    ip('-n', space, 'link', 'set', 'lo', 'up');
  }
  const site = fileURLToPath(new URL('site.mjs', import.meta.url));
  const env = { ...process.env, GOOP_OWNER_NETNS: theirs, GOOP_OWNER_HOST: far };
  const words = ['netns', 'exec', ours, process.execPath, site];
  code = spawnSync('ip', words, { stdio: 'inherit', env, timeout: 100_000 }).status ?? 1;
} finally {
  for (const space of [ours, theirs]) spawnSync('ip', ['netns', 'delete', space]);
}
process.exit(code);
