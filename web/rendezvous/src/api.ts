// Calls to the server's API for its operator (docs/dev/protocols/rendezvous.md), and the session
// that they need: a cookie that this script cannot see, and a token that it keeps and sends along.
import { solve } from './puzzle';

export interface State {
  server: {
    version: string;
    uptimeSeconds: number;
    capacity: number;
    memoryBytes: number;
    database: 'none' | 'ok' | 'failing';
    url: string;
  };
  counts: {
    peers: number;
    unsigned: number;
    eventStreams: number;
    sockets: number;
    requests: number;
    blocked: number;
  };
  sampleSeconds: number;
  samples: Sample[];
}

/** Number, peers, streams, sockets; a second: messages taken, deliveries, messages refused. */
export type Sample = [number, number, number, number, number, number, number];

/** Its texts are a stranger's. */
export interface Peer {
  peerID: string;
  label: string;
  email: string;
  verified: boolean;
  signed: boolean;
  listed: boolean;
  socket: 'none' | 'unproven' | 'proven';
  version: string;
  from: string;
  addresses: string[];
  lastSeen: number; // ms since 1970
  bytesIn: number;
  bytesOut: number;
}

export interface Peers {
  all: number;
  found: number;
  peers: Peer[];
}

export interface Blocked {
  peerID: string;
  label: string;
  at: number; // ms since 1970
}

export interface Registration {
  email: string;
  verified_at?: number | null;
}

/** Every failure; `status` 0 means that nobody answered. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfter = 0, // seconds
  ) {
    super(message);
  }
}

const key = 'goop.operator';

export const hasSession = () => localStorage.getItem(key) !== null;
export const forgetSession = () => localStorage.removeItem(key);

async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('X-Goop-Session', localStorage.getItem(key) ?? '');
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, cache: 'no-store' });
  } catch {
    throw new ApiError(0, '');
  }
  if (response.ok) return response;
  const said = await response.text().catch(() => '');
  throw new ApiError(response.status, said.trim(), Number(response.headers.get('Retry-After') ?? 0));
}

const get = async <T>(path: string): Promise<T> => (await call(path)).json() as Promise<T>;
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

/** While others try many passwords the server wants a puzzle solved first; `solving` is told. */
export async function login(password: string, solving: () => void): Promise<void> {
  let proof = '';
  for (let tries = 5; ; --tries) {
    try {
      const answer = await post('/api/operator/login', { password }, { 'X-Goop-Proof': proof });
      const { token } = (await answer.json()) as { token: string };
      localStorage.setItem(key, token);
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || tries === 0) throw error;
      if (error.status === 503) {
        await new Promise((done) => setTimeout(done, 1000 * error.retryAfter));
        proof = '';
      } else if (error.status === 428) {
        solving();
        const { challenge, bits } = JSON.parse(error.message) as { challenge: string; bits: number };
        proof = await solve(challenge, bits);
      } else {
        throw error;
      }
    }
  }
}

export async function logout(): Promise<void> {
  await post('/api/operator/logout', {});
  forgetSession();
}

export const state = (after: number) => get<State>(`/api/operator/state?after=${after}`);
export const peers = (search: string, room: number) =>
  get<Peers>(`/api/operator/peers?room=${room}&search=${encodeURIComponent(search)}`);
export const blocked = () => get<{ blocked: Blocked[] }>('/api/operator/blocked');
export const logs = () => get<string[]>('/logs.json');
export const kick = (peerID: string) => post('/api/operator/kick', { peerID });
export const block = (peerID: string) => post('/api/operator/block', { peerID });
export const unblock = (peerID: string) => post('/api/operator/unblock', { peerID });

/** Whether this server asks people for an e-mail address. */
export const registers = async () => (await get<{ registration: boolean }>('/api/capabilities')).registration;

/** null: there is no list to be had right now. */
export async function registrations(): Promise<Registration[] | null> {
  try {
    return await get<Registration[]>('/registrations.json');
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 503)) return null;
    throw error;
  }
}
