// Ports of 127.0.0.1 that tests give to servers.
import { createServer } from 'node:net';

const binds = (port) =>
  new Promise((done) => {
    const probe = createServer().once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });

/** One below those that a system gives out by itself: nobody takes it before it is used. */
export async function freePort() {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (await binds(port)) return port;
  }
}
