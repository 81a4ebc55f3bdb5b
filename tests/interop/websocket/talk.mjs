// node talk.mjs PROGRAM: Node's own WebSocket client against our server (echo.cpp).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import readline from 'node:readline';

if (typeof WebSocket === 'undefined') {
  console.log('this Node has no WebSocket of its own');
  process.exit(77);
}

const program = spawn(process.argv[2], { stdio: ['pipe', 'pipe', 'inherit'] });
const [port] = await once(readline.createInterface({ input: program.stdout }), 'line');

async function open(protocols = []) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, protocols);
  socket.binaryType = 'arraybuffer';
  await once(socket, 'open');
  return socket;
}
async function answer(socket, message) {
  socket.send(message);
  const [{ data }] = await once(socket, 'message');
  return data;
}
async function closing(socket) {
  const [event] = await once(socket, 'close');
  return event;
}

async function raw(text) {
  const socket = net.connect(Number(port), '127.0.0.1');
  socket.end(text);
  let all = '';
  for await (const chunk of socket) all += chunk.toString('latin1');
  return all;
}

const tests = {
  async 'messages of every length come back'() {
    const socket = await open();
    for (const size of [0, 1, 125, 126, 127, 1000, 5000, 65535, 65536]) {
      assert.equal(await answer(socket, 'x'.repeat(size)), 'x'.repeat(size));
      const bytes = new Uint8Array(size).map((_, i) => i);
      assert.deepEqual(new Uint8Array(await answer(socket, bytes)), bytes);
    }
    assert.equal(await answer(socket, 'Grüße, 世界 🌍'), 'Grüße, 世界 🌍');
    socket.close(1000, 'done');
    const event = await closing(socket);
    assert.deepEqual([event.code, event.wasClean], [1000, true]);
  },
  async 'a hundred messages in one go keep their order'() {
    const socket = await open();
    const got = [];
    const all = new Promise((resolve) => {
      socket.onmessage = ({ data }) => got.push(data) === 100 && resolve();
    });
    for (let i = 0; i < 100; ++i) socket.send(`${i}`);
    await all;
    assert.deepEqual(got, Array.from({ length: 100 }, (_, i) => `${i}`));
    socket.close();
    await closing(socket);
  },
  async 'the server closes with code and reason'() {
    const socket = await open();
    socket.send('close 4001 as you wish');
    const event = await closing(socket);
    assert.deepEqual([event.code, event.reason, event.wasClean], [4001, 'as you wish', true]);
  },
  async 'a message over the cap is told so'() {
    const socket = await open();
    socket.send('x'.repeat(65537));
    assert.equal((await closing(socket)).code, 1009);
  },
  async 'the subprotocol is the one that both know'() {
    const socket = await open(['other', 'goop.test']);
    assert.equal(socket.protocol, 'goop.test');
    socket.close();
    await closing(socket);
  },
  async 'silence is bridged by pings'() {
    const socket = await open();
    await new Promise((resolve) => setTimeout(resolve, 7000));
    assert.equal(await answer(socket, 'still here'), 'still here');
    socket.close();
    await closing(socket);
  },
  async 'a plain request is told what is missing'() {
    const text = await raw('GET /ws HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.match(text, /^HTTP\/1\.1 400 /);
    assert.match(text, /no upgrade was asked for/);
  },
};

let failed = 0;
await Promise.all(
  Object.entries(tests).map(async ([name, test]) => {
    try {
      await test();
    } catch (error) {
      failed = 1;
      console.log(`${name}: ${error.stack}`);
    }
  }),
);
program.stdin.end();
const [code] = await once(program, 'exit');
console.log(failed || code ? 'failed' : `${Object.keys(tests).length} tests passed`);
process.exit(failed || code ? 1 : 0);
