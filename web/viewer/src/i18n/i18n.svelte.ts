// The language of the page: chosen by the person, else by the browser; kept in this origin.
import type { Key } from './en';
import { countText, languages, preferred, text, type CountKey, type Language, type Values } from './text';

const key = 'goop.language';
let current = $state<Language>('en');

export function startLanguage(): void {
  const kept = localStorage.getItem(key);
  setLanguage(kept && Object.hasOwn(languages, kept) ? (kept as Language) : preferred(navigator.languages));
}

export function language(): Language {
  return current;
}

export function chooseLanguage(wanted: Language): void {
  localStorage.setItem(key, wanted);
  setLanguage(wanted);
}

function setLanguage(wanted: Language): void {
  current = wanted;
  document.documentElement.lang = wanted;
}

export function t<K extends Key>(key: K, ...values: Values<K>): string {
  return text(current, key, values[0]);
}

export function count(key: CountKey, n: number): string {
  return countText(current, key, n);
}
