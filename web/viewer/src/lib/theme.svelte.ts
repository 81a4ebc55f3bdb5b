// Light, dark, or as the system says. `data-theme` on <html> always holds the outcome, so that
// the style sheet states each colour once per theme.
export type Theme = 'system' | 'light' | 'dark';
export const themes: readonly Theme[] = ['system', 'light', 'dark'];

const key = 'goop.theme';
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
let current = $state<Theme>('system');

export function startTheme(): void {
  systemIsDark.addEventListener('change', () => apply(current));
  apply(localStorage.getItem(key));
}

export function theme(): Theme {
  return current;
}

export function chooseTheme(wanted: Theme): void {
  localStorage.setItem(key, wanted);
  apply(wanted);
}

function apply(wanted: string | null): void {
  current = themes.find((one) => one === wanted) ?? 'system';
  const dark = current === 'dark' || (current === 'system' && systemIsDark.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}
