// In place of the scripts that sites ask for at /sdk/… and that this program does not have yet: a
// page that waits for them says so, above its own content, and not "Loading…" for ever.
(() => {
  const id = 'goop-not-built';
  const texts = {
    en: 'This site needs a part of Goop² that is not built yet. What you see may stay incomplete.',
    nl: 'Deze site heeft een deel van Goop² nodig dat nog niet is gebouwd. Wat je ziet kan onvolledig blijven.',
  };
  const look = {
    position: 'sticky',
    top: '0',
    zIndex: '2147483647',
    padding: '0.75rem 1rem',
    background: '#fff3cd',
    color: '#3d2f00',
    font: '1rem/1.4 system-ui, sans-serif',
  };

  const say = () => {
    if (document.getElementById(id)) return;
    const bar = document.createElement('div');
    bar.id = id;
    bar.setAttribute('role', 'status');
    bar.lang = navigator.language.startsWith('nl') ? 'nl' : 'en';
    bar.textContent = bar.lang === 'nl' ? texts.nl : texts.en;
    Object.assign(bar.style, look);
    document.body.prepend(bar);
  };
  if (document.body) say();
  else document.addEventListener('DOMContentLoaded', say);
})();
