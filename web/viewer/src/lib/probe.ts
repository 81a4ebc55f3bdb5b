// Can this browser show sites? It can when it reaches our own site's host, `<label>.localhost`.
export async function canShowSites(siteOrigin: string): Promise<boolean> {
  try {
    await fetch(`${siteOrigin}/healthz`, { mode: 'no-cors', cache: 'no-store', credentials: 'omit' });
    return true;
  } catch {
    return false;
  }
}
