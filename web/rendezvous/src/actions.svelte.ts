// What the operator does to peers, and what came of it, for one line that is read out.
import * as api from './api';
import { noticed } from './desk.svelte';
import { t } from './i18n/i18n.svelte';

export const outcome = $state({ said: '', failed: false });

/** `done` is said when `what` went well. False: it failed, and that was said. */
export async function act(what: () => Promise<unknown>, done: string): Promise<boolean> {
  outcome.said = '';
  try {
    await what();
    outcome.said = done;
    outcome.failed = false;
    return true;
  } catch (error) {
    noticed(error);
    if (!(error instanceof api.ApiError)) throw error;
    outcome.said = error.status === 0 ? t('error.no_answer') : t('error.said', { reason: error.message });
    outcome.failed = true;
    return false;
  }
}
