// What every table of texts needs, whichever pages it belongs to: languages, filling in, plurals.
export const languages = { en: 'English', nl: 'Nederlands' } as const;
export type Language = keyof typeof languages;

/** A number is written as the language writes numbers; a text goes in as it is. */
export type Value = string | number;

type Placeholders<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** What the text `S` wants filled in: nothing, or exactly its own placeholders. */
export type ValuesOf<S extends string> = [Placeholders<S>] extends [never] ? [] : [values: Record<Placeholders<S>, Value>];

/** Of the table `En`, the texts without placeholders. */
export type PlainKey<En extends Record<string, string>> = {
  [K in keyof En]: ValuesOf<En[K]> extends [] ? K : never;
}[keyof En];

/** `key.one` and `key.other` as one thing. */
export type CountKey<Key> = Key extends `${infer Base}.one` ? Base : never;

export function fill(language: Language, template: string, values: Record<string, Value> = {}): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name]! : whole;
    return typeof value === 'number' ? written(language, value) : value;
  });
}

export function written(language: Language, n: number): string {
  return new Intl.NumberFormat(language).format(n);
}

export function pluralForm(language: Language, n: number): 'one' | 'other' {
  return new Intl.PluralRules(language).select(n) === 'one' ? 'one' : 'other';
}

/** The first of a browser's languages that we have, else English. */
export function preferred(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0] ?? '';
    if (Object.hasOwn(languages, base)) return base as Language;
  }
  return 'en';
}
