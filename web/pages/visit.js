// On the page that asks before a site that somebody else's link wants to open.
//
// The button acts only after 500 ms during which the page was visible and had the focus without a
// break, so that a page which appears under the pointer cannot catch a click meant for another.
(() => {
  const mustBeSeenMs = 500;
  const button = document.getElementById('visit');
  const problem = document.getElementById('problem');
  if (!button || !problem) return;

  let seenSince = Infinity;
  const looked = () => document.visibilityState === 'visible' && document.hasFocus();
  const allowed = () => looked() && performance.now() - seenSince >= mustBeSeenMs;

  function look() {
    if (!looked()) seenSince = Infinity;
    else if (seenSince === Infinity) seenSince = performance.now();
    button?.setAttribute('aria-disabled', String(!allowed()));
  }
  for (const event of ['focus', 'blur']) window.addEventListener(event, look);
  document.addEventListener('visibilitychange', look);
  setInterval(look, 100);
  look();

  button.addEventListener('click', async (event) => {
    look();
    if (!event.isTrusted || !allowed()) return;
    problem.textContent = '';
    try {
      const answer = await fetch('/api/visit', {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'X-Goop-Session': localStorage.getItem('goop.session') ?? '',
        },
        body: JSON.stringify({ address: button.dataset.address }),
      });
      if (answer.status === 401) return fail(problem.dataset.signedOut);
      if (!answer.ok) return fail(problem.dataset.failed);
      const { siteUrl } = await answer.json();
      location.replace(inside(siteUrl, button.dataset.path ?? '/'));
    } catch {
      fail(problem.dataset.failed);
    }
  });

  const fail = (/** @type {string | undefined} */ text) => (problem.textContent = text ?? '');

  // The linked page of the site, or its front page when the path leads out of it.
  function inside(/** @type {string} */ siteUrl, /** @type {string} */ path) {
    const site = new URL(siteUrl);
    const page = new URL(`.${path.startsWith('/') ? path : `/${path}`}`, site);
    const stays = page.origin === site.origin && page.pathname.startsWith(site.pathname);
    return stays ? page.href : site.href;
  }
})();
