// Light, dark, or as the system says: what the person chose, kept in this origin. `data-theme` on
// <html> holds a choice against the system's; styles/tokens.css follows it.
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'goop.theme';

/** Takes up the choice that was kept, and says it. */
export function resumeTheme(): Theme {
  const kept = localStorage.getItem(key);
  const theme = themes.find((one) => one === kept) ?? 'system';
  apply(theme);
  return theme;
}

export function keepTheme(theme: Theme): void {
  localStorage.setItem(key, theme);
  apply(theme);
}

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
