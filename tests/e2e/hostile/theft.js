// What a hostile page can try without naming an address. Each gives what it had: nothing, if all is
// well, and none when a person would first be asked.
const askedMs = 1500;
const quiet = async (steal) => {
  try {
    const asked = new Promise((done) => setTimeout(() => done(''), askedMs));
    return (await Promise.race([steal(), asked])) ?? '';
  } catch (error) {
    return error.name === 'ReferenceError' ? `the attempt is broken: ${error}` : '';
  }
};

// What can be had of another window: never its document, its storage, its address.
const spoils = (other) => {
  const had = [];
  for (const what of ['document', 'localStorage', 'sessionStorage', 'indexedDB', 'name', 'origin']) {
    try {
      if (other[what] !== undefined) had.push(what);
    } catch {
      // as it should be
    }
  }
  try {
    had.push(String(other.location.href));
  } catch {
    // as it should be
  }
  return had.join();
};

const framed = (url) =>
  new Promise((done) => {
    const frame = document.createElement('iframe');
    frame.addEventListener('load', () => done(frame.contentWindow));
    frame.src = url;
    document.body.append(frame);
  });

/** `viewer`, `friend`: addresses that hold secrets. `outside`: a server that collects them. */
globalThis.steal = async ({ viewer, friend, outside, host }) => {
  const had = {};
  const attempt = async (name, steal) => (had[name] = String(await quiet(steal)));
  const cookies = () => document.cookie.split('; ').filter((one) => one && !one.startsWith('mine='));

  await attempt('cookies', () => cookies().join());
  await attempt('storage', () => [localStorage.getItem('goop.session'), localStorage.getItem('diary')].filter(Boolean).join());
  await attempt('databases', async () => (await indexedDB.databases()).map(({ name }) => name).join());
  await attempt('caches', async () => (await globalThis.caches?.keys())?.join());
  for (const domain of ['localhost', '.localhost', '127.0.0.1', host.split('.').slice(1).join('.')]) {
    await attempt(`cookie for ${domain}`, () => {
      document.cookie = `planted=${location.host}; Domain=${domain}; Path=/`;
      return cookies().join();
    });
  }
  await attempt('document.domain', () => {
    document.domain = 'localhost';
    return document.domain === 'localhost' ? 'set' : '';
  });
  await attempt('frame of the viewer', async () => spoils(await framed(viewer)));
  await attempt('frame of another site', async () => spoils(await framed(friend)));
  await attempt('window of another site', async () => {
    const opened = window.open(friend);
    await new Promise((done) => setTimeout(done, 800));
    const got = opened.closed ? '' : spoils(opened);
    opened.close();
    return got;
  });
  await attempt('window of the viewer', async () => {
    const opened = window.open(viewer);
    await new Promise((done) => setTimeout(done, 800));
    const got = opened.closed ? '' : `handle ${spoils(opened)}`;
    opened.close();
    return got;
  });
  await attempt('opener', () => (window.opener ? 'there' : ''));
  await attempt('referrer', () => document.referrer);
  await attempt('parent', () => (window.parent === window ? '' : spoils(window.parent)));
  await attempt('service worker', async () => {
    await navigator.serviceWorker.register('sw.js');
    return 'registered';
  });
  await attempt('service worker, module', async () => {
    await navigator.serviceWorker.register('sw.js', { type: 'module' });
    return 'registered';
  });
  await attempt('eval', () => new Function('return "ran"')());
  await attempt('script in the page', () => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.ran = "ran"';
    document.body.append(script);
    return globalThis.ran;
  });
  await attempt('clipboard', () => navigator.clipboard.readText().then((text) => `read ${text}`));
  await attempt('camera', () => navigator.mediaDevices.getUserMedia({ video: true }).then(() => 'on'));
  await attempt('microphone', () => navigator.mediaDevices.getUserMedia({ audio: true }).then(() => 'on'));
  await attempt('place', () => new Promise((done, failed) => navigator.geolocation.getCurrentPosition(() => done('known'), failed)));
  await attempt('word to the outside', () => fetch(outside, { mode: 'no-cors' }).then(() => 'sent'));
  await attempt('picture to the outside', () =>
    new Promise((done) => {
      const image = new Image();
      image.onload = () => done('sent');
      image.onerror = () => done('');
      image.src = `${outside}picture.png`;
    }));
  return had;
};
