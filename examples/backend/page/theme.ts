export type Theme = 'light' | 'dark' | 'system';

const KEY = 'consonant-theme';

export function storedTheme(): Theme {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** `system` follows the browser. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') {
    delete document.documentElement.dataset['theme'];
    localStorage.removeItem(KEY);
  } else {
    document.documentElement.dataset['theme'] = theme;
    localStorage.setItem(KEY, theme);
  }
}

/** From whatever is shown to the other one. */
export function toggleTheme(): void {
  const dark =
    storedTheme() === 'dark' ||
    (storedTheme() === 'system' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  applyTheme(dark ? 'light' : 'dark');
}
