// The current path, kept in step with the address bar; ordinary links become screen changes.
import { tick } from 'svelte';

let path = $state(location.pathname);

export function currentPath(): string {
  return path;
}

export async function go(to: string): Promise<void> {
  history.pushState(null, '', to);
  await arrive();
}

/**
 * Listens for the back button and for clicks on links of this origin; those to pages that are not the
 * shell's say rel="external". Returns the undoing.
 */
export function startRouter(): () => void {
  const click = (event: MouseEvent) => {
    const link = (event.target as Element).closest?.('a');
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.origin !== location.origin || link.target || link.relList.contains('external')) return;
    if (link.hasAttribute('download')) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    void go(link.pathname + link.search);
  };
  const pop = () => void arrive();
  document.addEventListener('click', click);
  window.addEventListener('popstate', pop);
  return () => {
    document.removeEventListener('click', click);
    window.removeEventListener('popstate', pop);
  };
}

// A new screen begins at its heading, for eyes and for screen readers.
async function arrive(): Promise<void> {
  if (path === location.pathname) return;
  path = location.pathname;
  await tick();
  window.scrollTo(0, 0);
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
}
