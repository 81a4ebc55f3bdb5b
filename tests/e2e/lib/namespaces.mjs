// Homes with cables between them, on one machine: network namespaces, which need root and iproute2.
//
// A test program builds its network and goes on inside one of the homes, where its browser and the
// other programs that it starts then are:
//
//   const net = goInside('vera', 100, (net) => { net.home('vera'); … });   // ends here, or is inside
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { skipCode } from './run.mjs';

const ip = (...words) => execFileSync('ip', words, { stdio: 'pipe' });

class Network {
  constructor(tag) {
    this.tag = tag;
    this.spaces = [];
  }

  space(name) {
    return `${this.tag}-${name}`;
  }

  /** Words before a command that shall run in this home. */
  inside(name) {
    return ['ip', 'netns', 'exec', this.space(name)];
  }

  home(name) {
    ip('netns', 'add', this.space(name));
    this.spaces.push(name);
    ip('-n', this.space(name), 'link', 'set', 'lo', 'up');
  }

  /** A home where cables meet. */
  bridge(name) {
    this.home(name);
    ip('-n', this.space(name), 'link', 'add', 'lan', 'type', 'bridge', 'mcast_snooping', '0', 'forward_delay', '0');
    ip('-n', this.space(name), 'link', 'set', 'lan', 'up');
  }

  /** A home that passes on what is not for it. */
  router(name) {
    this.home(name);
    execFileSync('ip', ['netns', 'exec', this.space(name), 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'], { stdio: 'pipe' });
  }

  /** From a home to a bridge; the home's end is named after the bridge. */
  cable(home, bridge, ...addresses) {
    const [near, far] = [this.space(home), this.space(bridge)];
    ip('link', 'add', 'name', bridge, 'netns', near, 'type', 'veth', 'peer', 'name', home, 'netns', far);
    ip('-n', far, 'link', 'set', 'dev', home, 'master', 'lan', 'up');
    for (const address of addresses) ip('-n', near, 'address', 'add', address, 'dev', bridge);
    ip('-n', near, 'link', 'set', 'dev', bridge, 'up');
  }

  route(home, ...words) {
    ip('-n', this.space(home), 'route', 'add', ...words);
  }

  /** Pulls the cable out of the bridge, or puts it back: neither end has a link without it. */
  plug(home, bridge, state) {
    ip('-n', this.space(bridge), 'link', 'set', 'dev', home, state);
  }

  remove() {
    for (const name of this.spaces) spawnSync('ip', ['netns', 'delete', this.space(name)]);
  }
}

function skip(reason) {
  console.log(reason);
  process.exit(skipCode);
}

function needNamespaces() {
  if (process.getuid() !== 0 || !['/usr/sbin/ip', '/usr/bin/ip', '/sbin/ip'].some(existsSync)) {
    skip('network namespaces need root and iproute2 (scripts/setup test installs it)');
  }
  const trial = new Network(`goop-try${process.pid}`);
  let refusal;
  try {
    trial.bridge('a');
    trial.router('b');
    trial.cable('b', 'a');
    execFileSync('ip', [...trial.inside('b').slice(1), 'true'], { stdio: 'pipe' }); // mounts, too
  } catch (refused) {
    refusal = refused.stderr?.toString().trim() || refused;
  }
  trial.remove();
  if (refusal) skip(`no network namespaces here: ${refusal}`);
}

/** Runs this program again inside `home` of the network that `build` makes, and gives it the network. */
export function goInside(home, seconds, build) {
  const tag = process.env.GOOP_NETWORK;
  if (tag) return new Network(tag);
  needNamespaces();
  const net = new Network(`goop-${process.pid}`);
  process.once('exit', () => net.remove());
  build(net);
  const [command, ...words] = [...net.inside(home), process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, GOOP_NETWORK: net.tag };
  process.exit(spawnSync(command, words, { stdio: 'inherit', env, timeout: seconds * 1000 }).status ?? 1);
}
