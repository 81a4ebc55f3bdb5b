// The texts of the operator's page in its language.
import { fill, pluralForm, type Language, type ValuesOf } from '../../../viewer/src/i18n/fill';
import { language } from '../../../viewer/src/i18n/language.svelte';
import { en, type Key, type Messages } from './en';
import { nl } from './nl';

export { language };

export const tables: Record<Language, Messages> = { en, nl };

type CountKey = Key extends infer K ? (K extends `${infer Base}.one` ? Base : never) : never;

export function t<K extends Key>(key: K, ...values: ValuesOf<(typeof en)[K]>): string {
  return fill(tables[language()][key], values[0]);
}

export function count(key: CountKey, n: number): string {
  const form = pluralForm(language(), n);
  return fill(tables[language()][`${key}.${form}` as Key], { n: number(n) });
}

export function number(n: number): string {
  return new Intl.NumberFormat(language()).format(n);
}
