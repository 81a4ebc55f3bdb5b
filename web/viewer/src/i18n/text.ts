// The language tables and how a text is taken from one. No state; i18n.svelte.ts holds the choice.
import { en, type Key, type Messages } from './en';
import { nl } from './nl';

export const languages = { en: 'English', nl: 'Nederlands' } as const;
export type Language = keyof typeof languages;
export const tables: Record<Language, Messages> = { en, nl };

type Placeholders<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** What a text wants filled in: nothing, or exactly its own placeholders. */
export type Values<K extends Key> = [Placeholders<(typeof en)[K]>] extends [never]
  ? []
  : [values: Record<Placeholders<(typeof en)[K]>, string | number>];

/** Texts without placeholders. */
export type PlainKey = { [K in Key]: Values<K> extends [] ? K : never }[Key];

/** `key.one` and `key.other` as one thing. */
export type CountKey = Key extends infer K ? (K extends `${infer Base}.one` ? Base : never) : never;

export function text(language: Language, key: Key, values: Record<string, string | number> = {}): string {
  return tables[language][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}

export function countText(language: Language, key: CountKey, n: number): string {
  const form = new Intl.PluralRules(language).select(n) === 'one' ? 'one' : 'other';
  return text(language, `${key}.${form}` as Key, { n: new Intl.NumberFormat(language).format(n) });
}

/** The first of a browser's languages that we have, else English. */
export function preferred(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0] ?? '';
    if (Object.hasOwn(languages, base)) return base as Language;
  }
  return 'en';
}
