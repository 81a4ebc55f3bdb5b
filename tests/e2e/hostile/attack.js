// What a hostile page can do to an address, each way once. Every way tells what became of it:
//
//   refused   the browser said no, or gave an error
//   unknown   the page is not told; whoever watches the wire must judge
//   through   something of the other side was had
//
// Runs on a hostile peer's site, and on hostile pages of the ordinary web.
const patienceMs = 4000;
const shortPatienceMs = 1000; // for what often tells nobody; the wire knows what it did

const within = (promise, outcome = 'refused', ms = patienceMs) =>
  Promise.race([promise, new Promise((done) => setTimeout(() => done([outcome, 'silence']), ms))]);
const briefly = (promise) => within(promise, 'unknown', shortPatienceMs);

// An element that tells by its events.
const element = (tag, attributes, wait = ['load', 'error']) =>
  within(new Promise((done) => {
    const one = document.createElement(tag);
    for (const event of wait) {
      one.addEventListener(event, () => {
        done([event === 'error' ? 'refused' : 'through', event]);
        one.remove();
      });
    }
    for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
    document.body.append(one);
  }));

// A frame, whose document can be read only if it is ours.
const frame = (make) =>
  briefly(new Promise((done) => {
    const name = `frame${Math.random()}`;
    const one = Object.assign(document.createElement('iframe'), { name });
    one.addEventListener('load', () => {
      let outcome = ['unknown', 'nothing readable'];
      try {
        if (one.contentWindow.location.href !== 'about:blank') outcome = ['through', one.contentDocument.body.textContent.slice(0, 80)];
        else outcome = ['refused', 'blank'];
      } catch (error) {
        outcome = ['unknown', error.name];
      }
      if (outcome[1] === 'blank' && !one.waited) return (one.waited = true); // the first, empty document
      done(outcome);
      one.remove();
    });
    document.body.append(one);
    make(one, name);
  }));

const submit = (url, method, fields, enctype) =>
  frame((_, target) => {
    const form = Object.assign(document.createElement('form'), { action: url, method, target, enctype });
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    }
    document.body.append(form);
    form.submit();
    form.remove();
  });

const fetched = async (url, options) => {
  const answer = await fetch(url, options);
  if (answer.type === 'opaque' || answer.type === 'opaqueredirect') return ['through', answer.type];
  const text = await answer.text();
  const foreign = new URL(url).origin !== location.origin; // not even a refusal may be readable
  return [foreign || answer.ok ? 'through' : 'refused', `${answer.status} ${text.slice(0, 80)}`];
};

const worker = (make) =>
  within(new Promise((done) => {
    const one = make();
    one.onerror = (event) => (event.preventDefault?.(), done(['refused', 'error']));
    const port = one.port ?? one;
    port.onmessage = (event) => done(event.data);
    port.start?.();
  }));

const here = (file) => new URL(file, location.href).href;

const ways = {
  'fetch': (url) => fetched(url, {}),
  'fetch, credentials': (url) => fetched(url, { credentials: 'include', headers: { 'X-Goop-Session': '0'.repeat(32) } }),
  'fetch, no-cors': (url) => fetched(url, { mode: 'no-cors', credentials: 'include' }),
  'fetch, no-cors, redirects': (url) => fetched(url, { mode: 'no-cors', redirect: 'follow', cache: 'reload' }),
  'fetch, POST of JSON': (url, body) =>
    fetched(url, { method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/json' }, body }),
  'fetch, POST of text': (url, body) => fetched(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body }),
  'XMLHttpRequest': (url) =>
    within(new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open('GET', url);
      request.withCredentials = true;
      request.onload = () => done([request.status < 400 || new URL(url).origin !== location.origin ? 'through' : 'refused', `${request.status}`]);
      request.onerror = () => done(['refused', 'error']);
      request.send();
    })),
  'sendBeacon': (url, body) => [navigator.sendBeacon(url, new Blob([body], { type: 'text/plain' })) ? 'unknown' : 'refused', ''],
  'sendBeacon of JSON': (url, body) => [navigator.sendBeacon(url, new Blob([body], { type: 'application/json' })) ? 'unknown' : 'refused', ''],
  'form, GET': (url) => submit(url, 'get', Object.fromEntries(new URL(url).searchParams)),
  'form, POST': (url) => submit(url, 'post', { secret: '1', address: '1' }),
  'form, POST of text': (url, body) => submit(url, 'post', { [`${body.slice(0, -1)},"a":"`]: '"}' }, 'text/plain'),
  'frame': (url) => frame((one) => (one.src = url)),
  'frame, sandboxed': (url) => frame((one) => ((one.sandbox = 'allow-scripts'), (one.src = url))),
  'object': (url) => briefly(element('object', { data: url, type: 'text/html' })).then(([, what]) => ['unknown', what]),
  'embed': (url) => briefly(element('embed', { src: url, type: 'text/html' })).then(([, what]) => ['unknown', what]),
  'image': (url) => element('img', { src: url }),
  'image, CORS': (url) => element('img', { src: url, crossorigin: 'use-credentials' }),
  'video': (url) => element('video', { src: url, preload: 'auto' }, ['loadedmetadata', 'error']),
  'script': (url) => element('script', { src: url }),
  'script, module': (url) => element('script', { src: url, type: 'module' }),
  'import()': (url) => import(url).then(() => ['through', 'imported']),
  'style sheet': (url) => element('link', { rel: 'stylesheet', href: url }),
  'prefetch': (url) => element('link', { rel: 'prefetch', href: url }).then(([, what]) => ['unknown', what]),
  'preload': (url) =>  // some browsers call a refusal a load
    element('link', { rel: 'preload', as: 'fetch', crossorigin: 'use-credentials', href: url }).then(([, what]) => ['unknown', what]),
  'font': (url) => new FontFace('stolen', `url(${url})`).load().then(() => ['through', 'loaded']),
  'EventSource': (url) =>
    within(new Promise((done) => {
      const source = new EventSource(url, { withCredentials: true });
      source.onopen = () => (source.close(), done(['through', 'open']));
      source.onerror = () => (source.close(), done(['refused', 'error']));
    })),
  'WebSocket': (url) =>
    within(new Promise((done) => {
      const socket = new WebSocket(url.replace('http:', 'ws:'));
      socket.onopen = () => (socket.close(), done(['through', 'open']));
      socket.onerror = () => done(['refused', 'error']);
    })),
  'Worker': (url) => worker(() => new Worker(url)),
  'SharedWorker': (url) => worker(() => new SharedWorker(url)),
  'importScripts': (url) => worker(() => new Worker(`${here('worker.js')}#${encodeURIComponent(url)}`)),
  'service worker': (url) => navigator.serviceWorker.register(url).then(() => ['through', 'registered']),
  'prerender': (url) => {
    const rules = Object.assign(document.createElement('script'), { type: 'speculationrules' });
    rules.textContent = JSON.stringify({ prefetch: [{ urls: [url], eagerness: 'immediate' }], prerender: [{ urls: [url], eagerness: 'immediate' }] });
    document.body.append(rules);
    return ['unknown', ''];
  },
  // Last: a page behind other windows is slowed down.
  'window': (url) =>
    within(new Promise((done) => {
      const opened = window.open(url);
      if (!opened) return done(['refused', 'no window']);
      const look = setInterval(() => {
        try {
          if (opened.closed) done(['refused', 'no handle']);
          else if (opened.document && opened.location.href !== 'about:blank') done(['through', 'readable']);
          else return;
        } catch (error) {
          done(['unknown', error.name]); // it is there, and shut
        }
        clearInterval(look);
        opened.close();
      }, 20);
    }), 'unknown'),
};

// The page's own policy says what it refused; not every element would tell.
const refusedByPolicy = (url) => {
  const stop = new AbortController();
  const told = new Promise((done) =>
    document.addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective }) => {
      if (blockedURI.split('?way=')[1] === url.split('?way=')[1] && url.startsWith(blockedURI.split('?')[0])) {
        done(['refused', `policy: ${effectiveDirective}`]);
      }
    }, { signal: stop.signal }));
  return { told, stop: () => stop.abort() };
};

// Some ways at a time: browsers queue what is too much, and patience would end in the queue.
const atOnce = 16;

/**
 * Tries every way on every target `{name, url, body}`; `way` becomes part of the query, so that
 * whoever watches the wire knows it again. Gives `{target, way, outcome, note}` for each.
 */
globalThis.attack = async (targets, chosen = Object.keys(ways)) => {
  const report = [];
  const todo = chosen.flatMap((way) => targets.map((target) => ({ target, way })));
  const work = async () => {
    for (let one = todo.shift(); one; one = todo.shift()) {
      const { target, way } = one;
      const url = `${target.url}?way=${encodeURIComponent(way)}`;
      const policy = refusedByPolicy(url);
      let result;
      try {
        result = await within(Promise.race([policy.told, ways[way](url, target.body ?? '{}')]));
      } catch (error) {
        result = ['refused', error.name];
      }
      policy.stop();
      report.push({ target: target.name, way, outcome: result[0], note: result[1] });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return report;
};
globalThis.attackWays = Object.keys(ways);
