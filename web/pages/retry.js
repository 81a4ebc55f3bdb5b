// On the page shown in place of a site that cannot be reached: asks for the same address again,
// ever less often, and reloads as soon as something other than "not reachable" comes back.
// Without script the page still has its "try now" link.
(() => {
  const firstSeconds = 2;
  const longestSeconds = 30;
  const line = document.getElementById('retry');
  const now = document.getElementById('now');
  if (!line || !now) return;

  let wait = firstSeconds;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let asking = false;

  const say = (/** @type {string | undefined} */ text) => (line.textContent = text ?? '');

  const ask = async () => {
    if (asking) return;
    asking = true;
    clearTimeout(timer);
    say(line.dataset.trying);
    const status = await fetch(location.href, { method: 'HEAD', cache: 'no-store' }).then(
      (answer) => answer.status,
      () => 0, // our own peer is away
    );
    asking = false;
    if (status > 0 && status < 500) location.reload();
    else plan();
  };

  const plan = () => {
    if (document.hidden) return say(line.dataset.paused); // a hidden tab asks nobody
    timer = setTimeout(ask, wait * 1000 * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 1.6, longestSeconds);
    return say(line.dataset.waiting);
  };

  now.addEventListener('click', (event) => {
    event.preventDefault();
    wait = firstSeconds;
    void ask();
  });
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    wait = firstSeconds;
    if (document.hidden) plan();
    else void ask();
  });
  plan();
})();
