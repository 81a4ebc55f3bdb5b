// The texts of an app in the language of the page. An app calls `textsOf` once, with a table for each
// language; English is the one that the others are measured by, and its texts say what they want
// filled in.
import { fill, pluralForm, written, type CountKey, type Language, type Value, type ValuesOf } from './fill';
import { language } from './language.svelte';

export { language };

export function number(n: number): string {
  return written(language(), n);
}

export function textsOf<const En extends Record<string, string>>(
  tables: Record<Language, Record<keyof En & string, string>> & { en: En },
) {
  type Key = keyof En & string;

  /** For a key that is known only when the page runs; its values are the caller's care. */
  function say(key: Key, values: Record<string, Value> = {}): string {
    return fill(language(), tables[language()][key], values);
  }

  function t<K extends Key>(key: K, ...values: ValuesOf<En[K]>): string {
    return say(key, values[0]);
  }

  function count(key: CountKey<Key>, n: number): string {
    return say(`${key}.${pluralForm(language(), n)}` as Key, { n });
  }

  return { t, count, say };
}
