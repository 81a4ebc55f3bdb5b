// The few texts that all apps share.
import { ago } from '../lib/ago';
import { language, textsOf } from './texts.svelte';

export const en = {
  skip: 'Skip to the content',
  language: 'Language',
  theme: 'Theme',
  'theme.system': 'As the system',
  'theme.light': 'Light',
  'theme.dark': 'Dark',
  now: 'just now',
} as const;

export const nl: Record<keyof typeof en, string> = {
  skip: 'Naar de inhoud',
  language: 'Taal',
  theme: 'Thema',
  'theme.system': 'Zoals het systeem',
  'theme.light': 'Licht',
  'theme.dark': 'Donker',
  now: 'zojuist',
};

export const { t } = textsOf({ en, nl });

/** "5 minutes ago", "just now". */
export function since(ms: number, now: number): string {
  return ago(ms, now, language()) ?? t('now');
}
