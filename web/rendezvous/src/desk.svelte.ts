// What the page shows, asked for again and again while somebody looks at it.
//
// The server's figures are asked for always, the rest by the part of the page that shows it
// (`watch`). One question at a time: a slow server is not asked twice.
import * as api from './api';
import { join } from './samples';

export const desk = $state({
  phase: 'asking' as 'asking' | 'live' | 'lost' | 'ended',
  state: null as api.State | null,
  samples: [] as api.Sample[],
});

const pace = 2_000; // ms between two looks, as the known server's page has it

/** What to do about a failure that is not the asked question's own matter; true: nothing is left. */
export function noticed(error: unknown): boolean {
  if (!(error instanceof api.ApiError)) return false;
  if (error.status === 401 || error.status === 403) {
    desk.phase = 'ended';
    api.forgetSession();
    return true;
  }
  if (error.status === 0) {
    desk.phase = 'lost';
    return true;
  }
  return false;
}

async function look(): Promise<void> {
  const known = desk.samples.at(-1)?.[0] ?? 0;
  const before = desk.state?.server.uptimeSeconds ?? 0;
  let state = await api.state(known);
  const restarted = state.server.uptimeSeconds < before;
  if (restarted) state = await api.state(0);
  desk.samples = join(desk.samples, state.samples, undefined, restarted ? 'restarted' : 'same');
  desk.state = state;
  desk.phase = 'live';
}

/** Calls `ask` now and then every two seconds while the page is seen; gives what ends that. */
export function watch(ask: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const round = async () => {
    clearTimeout(timer);
    try {
      if (!document.hidden) await ask();
    } catch (error) {
      if (!noticed(error)) console.warn(error);
    }
    if (!over && desk.phase !== 'ended') timer = setTimeout(round, pace);
  };
  const seen = () => {
    if (!document.hidden && !over) void round();
  };
  document.addEventListener('visibilitychange', seen);
  void round();
  return () => {
    over = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', seen);
  };
}

export const watchState = () => watch(look);
