// Real peers, each in a folder of its own that is gone at the end.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { ask } from './http.mjs';
import { freePort } from './ports.mjs';
import { atEnd } from './run.mjs';

export const program = process.env.GOOP2 ?? new URL('../../../build/release/bin/goop2', import.meta.url).pathname;
export const home = mkdtempSync(join(tmpdir(), 'goop2-e2e-'));
atEnd(() => rmSync(home, { recursive: true, force: true }));

/** The text that a command of the program prints; throws when it fails. */
export function goop2(args, env = {}, prefix = []) {
  const [command, ...words] = [...prefix, program, ...args];
  return new Promise((done, failed) =>
    execFile(command, words, { env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', ...env } },
      (error, stdout, stderr) => (error ? failed(new Error(`${error.message}\n${stderr}`)) : done(stdout.trim()))),
  );
}

let tags = 0;

/** Where a peer runs: words before its command, and its own IPv4 address. */
const here = { prefix: [], host: '127.0.0.1' };

export class Peer {
  /** `site`: path → content; without it, the peer makes the starter site. */
  constructor(name, site, place = here) {
    this.name = name;
    this.place = place;
    this.dir = join(home, name);
    // Peers find each other only where a test gives them one tag.
    this.config = { profile: { label: name }, p2p: { mdns_tag: `goop-${process.pid}-${++tags}` } };
    for (const [path, content] of Object.entries(site ?? {})) this.write(path, content);
  }

  write(path, content) {
    const file = join(this.dir, 'site', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** Starts, and waits until the viewer's address is printed. A second start takes the same ports. */
  async start(...args) {
    mkdirSync(this.dir, { recursive: true });
    writeFileSync(join(this.dir, 'goop.json'), JSON.stringify(this.config));
    const [command, ...words] = [...this.place.prefix, program, 'peer', this.dir, ...args];
    const process = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    this.process = process;
    this.exited = new Promise((done) => process.once('close', done));
    this.ending = false;
    process.once('close', (code, signal) => {
      if (!this.ending) console.log(`${this.name} ended by itself: ${code ?? signal}\n${log}`);
    });
    atEnd(() => this.kill());
    globalThis.process.once('exit', () => process.kill('SIGKILL')); // whatever ends the test
    process.stderr.on('data', (data) => (log = (log + data).slice(-20000)));
    this.log = () => log;
    this.addresses = [];
    for await (const line of createInterface({ input: process.stdout })) {
      const [what, value] = line.split(/: (.*)/, 2);
      if (what === 'Peer') this.id = value.split(' ')[0];
      if (what === 'Address') this.addresses.push(value);
      if (what !== 'Viewer') continue;
      this.upAt = Date.now();
      this.origin = new URL(value).origin;
      this.port = Number(new URL(value).port);
      this.address = this.addresses.find((one) => one.startsWith(`/ip4/${this.place.host}/`));
      this.config.p2p.listen_port = Number(this.address.split('/')[4]);
      process.stdout.resume();
      this.self = JSON.parse(await goop2(['status', this.dir, '--json'], {}, this.place.prefix));
      this.link = await this.newLink();
      return this;
    }
    throw new Error(`${this.name} did not start: ${log}`);
  }

  get running() {
    return this.process !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Starts it unless it runs. */
  async up(...args) {
    if (!this.running) await this.start(...args);
    return this;
  }

  /** Asks the running peer as the command line does. */
  async api(method, path, body) {
    const { token } = JSON.parse(readFileSync(join(this.dir, 'data/control.json'), 'utf8'));
    const headers = { Authorization: `Bearer ${token}` };
    if (body) headers['Content-Type'] = 'application/json';
    const answer = await ask(this.origin + path, { method, headers, body: body && JSON.stringify(body) });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body);
  }

  status() {
    return this.api('GET', '/api/status');
  }

  async connectedTo(peer) {
    return (await this.status()).connections.some(({ peerID }) => peerID === peer.id);
  }

  /** A link that logs a browser in, as `goop2 open` makes it. */
  newLink() {
    return goop2(['open', this.dir], {}, this.place.prefix);
  }

  signal(name) {
    if (name === 'SIGTERM' || name === 'SIGKILL') this.ending = true;
    this.process.kill(name);
  }

  async stop() {
    this.signal('SIGTERM');
    await this.exited;
  }

  kill() {
    this.signal('SIGKILL');
    return this.exited;
  }
}

/** A rendezvous server, which others reach at its own host; on this machine at a port of its own. */
export class Server {
  constructor(name, place = here) {
    this.name = name;
    this.place = place;
    this.dir = join(home, name);
    this.config = { presence: { rendezvous_host: true, rendezvous_only: true, rendezvous_bind: place.host } };
  }

  async start() {
    if (this.place === here) this.config.presence.rendezvous_port ??= await freePort();
    mkdirSync(this.dir, { recursive: true });
    writeFileSync(join(this.dir, 'goop.json'), JSON.stringify(this.config));
    const [command, ...words] = [...this.place.prefix, program, 'rendezvous', this.dir];
    this.process = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const end = () => this.process.kill('SIGKILL');
    atEnd(end);
    globalThis.process.once('exit', end);
    let log = '';
    this.process.stderr.on('data', (data) => (log = (log + data).slice(-20000)));
    for await (const line of createInterface({ input: this.process.stdout })) {
      const [what, value] = line.split(/: (.*)/, 2);
      if (what === 'Rendezvous') this.url = value;
      if (what !== 'Connections') continue;
      this.process.stdout.resume();
      return this;
    }
    throw new Error(`${this.name} did not start: ${log}`);
  }
}
