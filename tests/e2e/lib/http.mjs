// A request as a program makes it: only the fields that were given, and any Host.
import http from 'node:http';
import { connect } from 'node:net';

/** @returns {Promise<{status: number, headers: object, body: Buffer}>} */
export function ask(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((done, failed) => {
    const request = http.request(url, { method, headers, agent: false }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () =>
        done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
      answer.on('error', failed);
    });
    request.on('error', failed);
    request.end(body);
  });
}

/** Sends the text as it is to 127.0.0.1 and gives all that comes back until the end. */
export function askRaw(port, text) {
  return new Promise((done, failed) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let said = '';
    socket.setEncoding('latin1').setTimeout(5000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (data) => (said += data));
    socket.on('end', () => done({ status: Number(said.split(' ', 2)[1] ?? 0), text: said }));
    socket.on('error', failed);
  });
}
