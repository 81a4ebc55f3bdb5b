// The session secret: taken from the login answer, kept in this origin's storage, sent as a header.
//
// The cookie that comes along is not enough by itself: cookies ignore ports, so that every other
// program that serves pages on 127.0.0.1 would receive it.

const key = 'goop.session';

export function token(): string | null {
  return localStorage.getItem(key);
}

export function keep(value: string): void {
  localStorage.setItem(key, value);
}

/** Drops a token that the peer refused, unless another tab has replaced it meanwhile. */
export function forget(refused: string): void {
  if (token() === refused) localStorage.removeItem(key);
}

/** Tells when another tab of this origin has logged in. */
export function onTokenFromOtherTab(act: () => void): void {
  window.addEventListener('storage', (event) => {
    if (event.key === key && event.newValue) act();
  });
}

/** The secret of a `#login=…` fragment, or null. */
export function loginSecret(hash: string): string | null {
  const match = /^#login=([A-Za-z0-9_-]{16,128})$/.exec(hash);
  return match?.[1] ?? null;
}
