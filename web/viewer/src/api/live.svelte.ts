// The peer as the page shows it: one reactive picture, fed by the Feed.
import { SvelteMap } from 'svelte/reactivity';
import * as api from './client';
import { Feed, type FeedState, type World } from './feed';
import * as session from './session';
import type { Connection, KnownPeer, Self } from './types';

export const maxSamples = 48; // round-trip times kept per peer for its picture

export interface LivePeer extends Connection {
  samples: number[]; // microseconds, oldest first
}

class Live {
  state = $state<FeedState>('connecting');
  self = $state<Self | null>(null);
  loginRefused = $state(false);
  readonly peers = new SvelteMap<string, LivePeer>(); // connected
  readonly known = new SvelteMap<string, KnownPeer>(); // here, or lately here
}
export const live = new Live();

const feed = new Feed(browserWorld(), {
  state: (state) => (live.state = state),
  self: (self) => (live.self = self),
  snapshot: (list) => {
    const kept = new Set(list.map((one) => one.peerID));
    for (const peerID of live.peers.keys()) if (!kept.has(peerID)) live.peers.delete(peerID);
    for (const one of list) show(one);
  },
  connection: show,
  disconnection: (peerID) => live.peers.delete(peerID),
  peers: (list) => {
    const kept = new Set(list.map((one) => one.peerID));
    for (const peerID of live.known.keys()) if (!kept.has(peerID)) live.known.delete(peerID);
    for (const one of list) live.known.set(one.peerID, one);
  },
  peer: (one) => live.known.set(one.peerID, one),
  peerGone: (peerID) => live.known.delete(peerID),
});

function show(one: Connection): void {
  const before = live.peers.get(one.peerID);
  const samples = before?.openedAt === one.openedAt ? before.samples : [];
  const fresh = one.rttMicros === null ? samples : [...samples, one.rttMicros].slice(-maxSamples);
  live.peers.set(one.peerID, { ...one, samples: fresh });
}

export function retryNow(): void {
  feed.wake();
}

/** Signs in if the address bar asks for it, then keeps `live` current. Returns the undoing. */
export function startLive(): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const visible = () => document.visibilityState === 'visible' && live.state === 'lost' && feed.wake();
  document.addEventListener('visibilitychange', visible, { signal });
  window.addEventListener('online', () => feed.wake(), { signal });
  window.addEventListener('hashchange', () => void signIn().then((done) => done && feed.wake()), { signal });
  session.onTokenFromOtherTab(() => feed.wake());
  void signIn().then(() => feed.run(signal));
  return () => stop.abort();
}

// The secret leaves the address bar before anything else happens with it.
async function signIn(): Promise<boolean> {
  const secret = session.loginSecret(location.hash);
  if (!secret) return false;
  history.replaceState(history.state, '', location.pathname + location.search);
  try {
    session.keep((await api.login(secret)).token);
    live.loginRefused = false;
    return true;
  } catch (error) {
    live.loginRefused = error instanceof api.ApiError && error.status === 403;
    return false;
  }
}

function browserWorld(): World {
  return {
    self: api.self,
    connections: api.connections,
    peers: api.peers,
    random: Math.random,
    async openEvents(after, signal) {
      const headers = { Accept: 'text/event-stream', 'Last-Event-ID': after };
      const response = await api.call('/api/events', { headers, signal });
      if (!response.body) throw new api.ApiError(0, 'no_answer', 'an event stream without a body');
      return response.body;
    },
    sleep(ms, signal) {
      return new Promise((done) => {
        if (signal.aborted) return done();
        const timer = Number.isFinite(ms) ? setTimeout(done, ms) : undefined;
        signal.addEventListener('abort', () => (clearTimeout(timer), done()), { once: true });
      });
    },
  };
}
