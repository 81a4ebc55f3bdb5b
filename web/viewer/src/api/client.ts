// Calls to the viewer's own API. Every failure is an ApiError; `status` 0 means that nobody answered.
import type { Connections, ErrorBody, KnownPeers, OwnSite, Profile, Self, Visit } from './types';
import * as session from './session';

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint = '',
  ) {
    super(message);
  }
}

/** A call with the session header; answers that are not a 2xx are thrown. */
export async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const token = session.token();
  if (token) headers.set('X-Goop-Session', token);
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, cache: 'no-store' });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiError(0, 'no_answer', 'the peer does not answer');
  }
  if (response.ok) return response;
  if (response.status === 401 && token) session.forget(token);
  throw await errorOf(response);
}

async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as Partial<ErrorBody> | null;
  return new ApiError(
    response.status,
    body?.code ?? (response.status === 401 ? 'signed_out' : 'internal'),
    body?.error ?? `HTTP ${response.status}`,
    body?.hint ?? '',
  );
}

async function get<T>(path: string): Promise<T> {
  return (await call(path)).json() as Promise<T>;
}

async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await call(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json() as Promise<T>;
}

export const self = () => get<Self>('/api/self');
export const ownSite = () => get<OwnSite>('/api/site');
export const connections = () => get<Connections>('/api/connections');
export const peers = () => get<KnownPeers>('/api/peers');
export const probe = () => post<KnownPeers>('/api/peers/probe', {});
export const setFavorite = (peerID: string, favorite: boolean) =>
  post<{ favorite: boolean }>('/api/peers/favorite', { peerID, favorite });
export const setProfile = (profile: Partial<Profile>) => post<Self>('/api/self/profile', profile);
export const appear = (offline: boolean) => post<Self>('/api/self/appearance', { offline });
export const visit = (address: string) => post<Visit>('/api/visit', { address });
export const login = (secret: string) => post<{ token: string }>('/api/login', { secret });
