import { useEffect } from 'preact/hooks';
import { toggleTheme } from './theme.ts';

/** `/` searches, `e` shows errors only, `t` changes the colours, Escape leaves the search. */
export function useShortcuts(toggleErrors: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLInputElement && event.target.type !== 'checkbox';
      if (event.key === 'Escape' && typing) {
        // The browser would empty the box, and the list would still be filtered by what was in it.
        event.preventDefault();
        return document.querySelector<HTMLElement>('[aria-label="Traces"][role=listbox]')?.focus();
      }
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '/') {
        event.preventDefault();
        document.getElementById('search')?.focus();
      } else if (event.key === 'e') toggleErrors();
      else if (event.key === 't') toggleTheme();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
