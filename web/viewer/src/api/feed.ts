// The page's picture of the peer, kept current: a snapshot, then an event stream from its cursor.
//
//   connecting ──snapshot read, stream open──> live ──stream ended──> lost ──back-off──> connecting
//        └──────────────── 401 at any point ──────────> signed-out (waits for wake())
//
// `gap` (the peer no longer has what we missed) re-reads the snapshot. After a break we resume by
// Last-Event-ID; a peer that was restarted does not know the id and answers with a gap.
// Everything outside comes in through `World`, so that tests run without network and clock.
import { ApiError } from './client';
import { delayMs } from './backoff';
import { EventParser, type ServerEvent } from './sse';
import type { Connection, Connections, KnownPeer, KnownPeers, Self } from './types';

export type FeedState = 'connecting' | 'live' | 'lost' | 'signed-out';

/** The peer sends a comment every 15 s; silence for longer means the connection is dead. */
export const silenceMs = 40_000;

export interface World {
  self(): Promise<Self>;
  connections(): Promise<Connections>;
  peers(): Promise<KnownPeers>;
  openEvents(after: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  random(): number;
}

export interface Sink {
  state(state: FeedState): void;
  self(self: Self): void;
  snapshot(connections: Connection[]): void;
  connection(connection: Connection): void;
  disconnection(peerID: string): void;
  peers(list: KnownPeer[]): void;
  peer(peer: KnownPeer): void;
  peerGone(peerID: string): void;
}

export class Feed {
  private cursor: string | null = null;
  private attempt = 0;
  private nap: AbortController | null = null;

  constructor(
    private readonly world: World,
    private readonly sink: Sink,
  ) {}

  /** Runs until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const signedOut = await this.attempt_(signal);
      if (signal.aborted) return;
      this.sink.state(signedOut ? 'signed-out' : 'lost');
      const pause = signedOut ? Number.POSITIVE_INFINITY : delayMs(this.attempt++, this.world.random);
      await this.rest(pause, signal);
    }
  }

  /** Ends a pause early: the network is back, the tab is visible again, another tab logged in. */
  wake(): void {
    this.nap?.abort();
  }

  private async attempt_(signal: AbortSignal): Promise<boolean> {
    try {
      if (this.cursor === null) await this.snapshot();
      await this.follow(signal);
      return false;
    } catch (error) {
      return error instanceof ApiError && error.status === 401;
    }
  }

  // The cursor is that of the first answer: events say what is so when they are written, so those
  // that the other answers have in them already do no harm.
  private async snapshot(): Promise<void> {
    const { cursor, connections } = await this.world.connections();
    const [self, { peers }] = await Promise.all([this.world.self(), this.world.peers()]);
    this.sink.self(self);
    this.sink.snapshot(connections);
    this.sink.peers(peers);
    this.cursor = cursor;
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const stop = () => ended.abort();
    signal.addEventListener('abort', stop);
    try {
      const stream = await this.world.openEvents(this.cursor ?? '', ended.signal);
      this.sink.state('live');
      const reader = stream.getReader();
      const parser = new EventParser();
      for (;;) {
        const chunk = await this.withinSilence(reader.read(), ended);
        if (chunk.done) return;
        this.attempt = 0; // it really speaks, a mere accept does not count
        for (const event of parser.push(chunk.value)) await this.apply(event);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      ended.abort();
    }
  }

  private async withinSilence<T>(read: Promise<T>, ended: AbortController): Promise<T> {
    const watch = new AbortController();
    const silence = this.world.sleep(silenceMs, watch.signal).then(() => {
      if (!watch.signal.aborted) ended.abort();
      throw new Error('silent');
    });
    try {
      return await Promise.race([read, silence]);
    } finally {
      watch.abort();
      silence.catch(() => {});
    }
  }

  private async apply({ id, event, data }: ServerEvent): Promise<void> {
    if (event === 'gap') {
      await this.snapshot();
      return;
    }
    if (event === 'connection') this.sink.connection(JSON.parse(data) as Connection);
    else if (event === 'disconnection') this.sink.disconnection((JSON.parse(data) as { peerID: string }).peerID);
    else if (event === 'peer') this.sink.peer(JSON.parse(data) as KnownPeer);
    else if (event === 'peer-gone') this.sink.peerGone((JSON.parse(data) as { peerID: string }).peerID);
    else if (event === 'self') this.sink.self(JSON.parse(data) as Self);
    if (id) this.cursor = id;
  }

  private async rest(ms: number, signal: AbortSignal): Promise<void> {
    const nap = new AbortController();
    this.nap = nap;
    const stop = () => nap.abort();
    signal.addEventListener('abort', stop);
    await this.world.sleep(ms, nap.signal);
    signal.removeEventListener('abort', stop);
    this.nap = null;
    if (!signal.aborted) this.sink.state('connecting');
  }
}
