// Visiting a peer: the peer is told that a person here asked for it, then the site opens beside us.
//
// Only that POST makes a site open without a question: a link from elsewhere cannot do it. The new
// tab gets no handle to this page; whether it was blocked cannot be seen, so callers offer a link.
import * as api from '../api/client';
import type { Visit } from '../api/types';
import { t } from '../i18n/i18n.svelte';

export async function openSite(address: string): Promise<Visit> {
  const visit = await api.visit(address);
  window.open(visit.siteUrl, '_blank', 'noopener');
  return visit;
}

/** An API error in the page's language; codes that we do not know keep the peer's own words. */
export function explain(error: unknown): string {
  const { code, message } =
    error instanceof api.ApiError ? error : { code: 'other', message: String(error) };
  switch (code) {
    case 'no_answer':
    case 'signed_out':
    case 'invalid':
    case 'not_found':
    case 'forbidden':
    case 'unreachable':
    case 'timeout':
    case 'busy':
      return t(`error.${code}`);
    default:
      return t('error.other', { detail: message });
  }
}
