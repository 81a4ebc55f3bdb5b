// Paths to screens. Pure: matching and its table; router.svelte.ts binds it to the browser.
//
// A pattern is a path whose segments may be `:name`, which takes one non-empty segment.

export interface Match<T> {
  screen: T;
  params: Record<string, string>;
}

export function match<T extends { path: string }>(screens: readonly T[], path: string): Match<T> | null {
  const wanted = segments(path);
  if (!wanted) return null;
  for (const screen of screens) {
    const params = matchOne(segments(screen.path) ?? [], wanted);
    if (params) return { screen, params };
  }
  return null;
}

function matchOne(pattern: string[], wanted: string[]): Record<string, string> | null {
  if (pattern.length !== wanted.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of pattern.entries()) {
    const value = wanted[i] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = value;
    else if (part !== value) return null;
  }
  return params;
}

/** Decoded segments; one trailing slash is no segment. null: not decodable, or an empty segment. */
function segments(path: string): string[] | null {
  const parts = path.replace(/\/$/, '').split('/').slice(1);
  try {
    const decoded = parts.map(decodeURIComponent);
    return decoded.every((part) => part !== '') ? decoded : null;
  } catch {
    return null;
  }
}
