// The texts of the viewer in the language of the page.
import type { Key } from './en';
import { language } from './language.svelte';
import { countText, text, type CountKey, type Values } from './text';

export { language };

export function t<K extends Key>(key: K, ...values: Values<K>): string {
  return text(language(), key, values[0]);
}

export function count(key: CountKey, n: number): string {
  return countText(language(), key, n);
}
