// The language of the page: chosen by the person, else by the browser; kept in this origin.
import { languages, preferred, type Language } from './fill';

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
