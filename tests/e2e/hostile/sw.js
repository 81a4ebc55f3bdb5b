// A service worker that would serve the site for ever.
self.addEventListener('fetch', (event) => event.respondWith(new Response('still here')));
