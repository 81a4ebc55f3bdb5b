// What changes, and when: `goop2 peers DIR --watch --json` beside a test, and a server's event stream.
import { spawn } from 'node:child_process';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { program } from './peers.mjs';
import { atEnd } from './run.mjs';

class News {
  constructor(name) {
    this.name = name;
    this.said = []; // {at: ms since 1970, peer}, the oldest first
    this.waiting = new Set();
  }

  take(...peers) {
    const at = Date.now();
    this.said.push(...peers.map((peer) => ({ at, peer })));
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  /** The newest word of a peer; none: it was never heard of. */
  now(who) {
    return this.said.findLast(({ peer }) => peer.peerID === who.id)?.peer;
  }

  async #until(what, who, seconds, find) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const found = find();
      if (found) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${this.name}: not within ${seconds} s: ${what}; last: ${JSON.stringify(this.now(who))}`);
      let timer;
      await new Promise((done) => {
        this.waiting.add(done);
        timer = setTimeout(done, left);
      });
      clearTimeout(timer);
    }
  }

  /** When it was first said of `who`, not before `after`, what is wanted. */
  async when(what, who, wanted, { after, seconds }) {
    const fits = ({ at, peer }) => at >= after && peer.peerID === who.id && wanted(peer);
    return (await this.#until(what, who, seconds, () => this.said.find(fits))).at;
  }

  /** Until what was said last of `who` is what is wanted. */
  until(what, who, wanted, seconds = 30) {
    return this.#until(what, who, seconds, () => {
      const last = this.now(who);
      return last && wanted(last) && last;
    });
  }
}

/** What a running peer says of the others; a peer as in `GET /api/peers`. */
export class Watch extends News {
  constructor(peer) {
    super(peer.name);
    const [command, ...words] = [...peer.place.prefix, program, 'peers', peer.dir, '--watch', '--json'];
    this.process = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.complaint = '';
    this.process.stderr.on('data', (data) => (this.complaint += data));
    this.exited = new Promise((done) => this.process.once('close', done));
    createInterface({ input: this.process.stdout }).on('line', (line) => this.#read(JSON.parse(line)));
    const end = () => this.process.kill('SIGKILL');
    atEnd(end);
    process.once('exit', end);
  }

  #read({ peers, peer, event, peerID }) {
    if (peers) this.take(...peers);
    if (event === 'peer') this.take(peer);
    if (event === 'peer-gone') this.take({ peerID, online: false });
  }
}

/** What a rendezvous server says: presence messages, with `online`; all of them, or (`delta`) changes. */
export class Listener extends News {
  constructor(url, mode) {
    super(url);
    const request = http.get(`${url}/events?mode=${mode}`, { agent: false }, (answer) => {
      answer.on('error', () => {}); // it is cut at the end
      const lines = createInterface({ input: answer }).on('line', (line) => this.#read(line));
      lines.on('error', () => {});
    });
    request.on('error', () => {});
    atEnd(() => request.destroy());
  }

  #read(line) {
    const [field, value] = line.split(/: (.*)/, 2);
    if (field !== 'data') return;
    const said = JSON.parse(value);
    if (said.peerID) this.take({ ...said, online: said.type !== 'offline' });
  }
}
