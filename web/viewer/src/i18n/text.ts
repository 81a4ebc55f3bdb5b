// The language tables and how a text is taken from one. No state; i18n.svelte.ts holds the choice.
import { en, type Key, type Messages } from './en';
import { fill, pluralForm, type Language, type ValuesOf } from './fill';
import { nl } from './nl';

export const tables: Record<Language, Messages> = { en, nl };

/** What a text wants filled in: nothing, or exactly its own placeholders. */
export type Values<K extends Key> = ValuesOf<(typeof en)[K]>;

/** Texts without placeholders. */
export type PlainKey = { [K in Key]: Values<K> extends [] ? K : never }[Key];

/** `key.one` and `key.other` as one thing. */
export type CountKey = Key extends infer K ? (K extends `${infer Base}.one` ? Base : never) : never;

export function text(language: Language, key: Key, values: Record<string, string | number> = {}): string {
  return fill(tables[language][key], values);
}

export function countText(language: Language, key: CountKey, n: number): string {
  const form = pluralForm(language, n);
  return text(language, `${key}.${form}` as Key, { n: new Intl.NumberFormat(language).format(n) });
}
