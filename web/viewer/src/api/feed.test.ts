import { expect, test } from 'vitest';
import { ApiError } from './client';
import { Feed, silenceMs, type FeedState, type Sink, type World } from './feed';
import type { Connection, KnownPeer, Self } from './types';

const self = (label: string) => ({ peerID: 'me', label }) as Self;
const peer = (peerID: string) => ({ peerID }) as Connection;
const bytes = (text: string) => new TextEncoder().encode(text);

type Script = (after: string) => ReadableStream<Uint8Array> | Error;

// A world whose time passes at once; it ends the run when its script is used up.
class FakeWorld implements World {
  readonly stop = new AbortController();
  readonly slept: number[] = [];
  readonly asked: string[] = [];
  snapshots = 0;
  refuseSnapshot: Error | null = null;

  constructor(private readonly scripts: Script[]) {}

  async self() {
    if (this.refuseSnapshot) throw this.refuseSnapshot;
    return self(`self ${this.snapshots - 1}`);
  }
  async connections() {
    this.snapshots++;
    return { cursor: `c${this.snapshots}`, connections: [peer('a')] };
  }
  async peers() {
    return { cursor: 'later', peers: [] };
  }
  async openEvents(after: string) {
    this.asked.push(after);
    const script = this.scripts.shift();
    if (!script) {
      this.stop.abort();
      throw new Error('end of test');
    }
    const made = script(after);
    if (made instanceof Error) throw made;
    return made;
  }
  async sleep(ms: number, signal: AbortSignal) {
    if (ms === silenceMs) {
      await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
      return;
    }
    this.slept.push(ms);
    if (ms === Number.POSITIVE_INFINITY && !signal.aborted) {
      await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
    }
  }
  random() {
    return 1;
  }
}

class Recorder implements Sink {
  readonly log: string[] = [];
  state(state: FeedState) {
    this.log.push(state);
  }
  self(value: Self) {
    this.log.push(value.label);
  }
  snapshot(list: Connection[]) {
    this.log.push(`[${list.map((c) => c.peerID).join()}]`);
  }
  connection(one: Connection) {
    this.log.push(`+${one.peerID}`);
  }
  disconnection(peerID: string) {
    this.log.push(`-${peerID}`);
  }
  peers() {}
  peer(one: KnownPeer) {
    this.log.push(`sees ${one.peerID}`);
  }
  peerGone(peerID: string) {
    this.log.push(`forgets ${peerID}`);
  }
}

const says = (text: string): Script => () =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(bytes(text));
      controller.close();
    },
  });

async function run(scripts: Script[], prepare: (world: FakeWorld) => void = () => {}) {
  const world = new FakeWorld(scripts);
  prepare(world);
  const sink = new Recorder();
  const feed = new Feed(world, sink);
  await feed.run(world.stop.signal);
  return { world, log: sink.log };
}

test('snapshot first, then events; after a break it resumes where it was', async () => {
  const { world, log } = await run([
    says('id: 8\nevent: connection\ndata: {"peerID":"b"}\n\n'),
    says('id: 9\nevent: disconnection\ndata: {"peerID":"b"}\n\n'),
  ]);
  expect(world.asked).toEqual(['c1', '8', '9']);
  expect(world.snapshots).toBe(1);
  expect(log).toEqual(['self 0', '[a]', 'live', '+b', 'lost', 'connecting', 'live', '-b', 'lost', 'connecting']);
});

test('peers that come, change and go are told', async () => {
  const { log } = await run([
    says('id: 8\nevent: peer\ndata: {"peerID":"b"}\n\nid: 9\nevent: peer-gone\ndata: {"peerID":"b"}\n\n'),
  ]);
  expect(log.slice(3, 5)).toEqual(['sees b', 'forgets b']);
});

test('a gap re-reads the snapshot and goes on from its cursor', async () => {
  const { world } = await run([says('id: 3\nevent: gap\ndata: {}\n\n')]);
  expect(world.snapshots).toBe(2);
  expect(world.asked).toEqual(['c1', 'c2']);
});

test('waits grow while the peer is away and start small after it has spoken', async () => {
  const away: Script = () => new ApiError(0, 'no_answer', '');
  const { world } = await run([away, away, away, says(': hi\n\n'), away]);
  expect(world.slept).toEqual([500, 1000, 2000, 500, 1000]);
});

test('a session that is refused waits until it is woken', async () => {
  const world = new FakeWorld([says('id: 1\nevent: self\ndata: {"label":"x"}\n\n')]);
  world.refuseSnapshot = new ApiError(401, 'signed_out', '');
  const sink = new Recorder();
  const feed = new Feed(world, sink);
  const running = feed.run(world.stop.signal);
  await new Promise((done) => setTimeout(done));
  expect(sink.log).toEqual(['signed-out']);
  world.refuseSnapshot = null;
  feed.wake();
  await running;
  expect(sink.log.slice(1)).toEqual(['connecting', 'self 1', '[a]', 'live', 'x', 'lost', 'connecting']);
});

test('broken events end the stream instead of the feed', async () => {
  const { log } = await run([says('event: self\ndata: {\n\n')]);
  expect(log).toContain('lost');
});
