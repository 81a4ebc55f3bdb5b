// The theme as what a page can follow.
import { keepTheme, resumeTheme, type Theme } from './theme';

let current = $state<Theme>('system');

export function startTheme(): void {
  current = resumeTheme();
}

export function theme(): Theme {
  return current;
}

export function chooseTheme(wanted: Theme): void {
  keepTheme(wanted);
  current = wanted;
}
