// A forward proxy that writes down everything a browser sends, and what came back: so that a test
// need not believe the browser's or the page's own account. Names other than numbers lead to this
// machine, as a hostile name server's would.
import http from 'node:http';
import { connect } from 'node:net';
import { atEnd } from './run.mjs';

export class Witness {
  constructor() {
    this.seen = []; // {method, url, headers, status, answer: headers}
  }

  async start() {
    const server = http.createServer({ maxHeaderSize: 2 << 20 }, (request, answer) => this.#forward(request, answer));
    server.on('connect', (request, socket, head) => this.#tunnel(request, socket, head));
    server.keepAliveTimeout = 60_000;
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${server.address().port}`;
    atEnd(() => (server.closeAllConnections(), server.close()));
    return this;
  }

  #forward(request, answer) {
    const { method, url, headers, rawHeaders } = request;
    const entry = { method, url, headers, status: 0 };
    this.seen.push(entry);
    const { host, port, pathname, search } = new URL(url);
    const fields = rawHeaders.slice();
    for (let i = 0; i < fields.length; i += 2) if (/^(proxy-|host$)/i.test(fields[i])) fields.splice(i, 2), (i -= 2);
    fields.push('Host', host); // as the browser would have sent it to the server itself
    const onward = http.request({ host: '127.0.0.1', port: port || 80, method, path: pathname + search, headers: fields });
    onward.on('response', (response) => {
      entry.status = response.statusCode;
      entry.answer = response.headers;
      answer.writeHead(response.statusCode, response.rawHeaders);
      response.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  // WebSockets come through a tunnel; the first lines in each direction are noted.
  #tunnel(request, socket, head) {
    const onward = connect(Number(request.url.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.write(head);
      const entry = { method: 'GET', url: `ws://${request.url}`, headers: {}, status: 0 };
      this.seen.push(entry);
      let sent = head.toString('latin1');
      socket.on('data', (data) => {
        sent = (sent + data.toString('latin1')).slice(0, 8192);
        const [start, ...lines] = sent.split('\r\n');
        entry.url = `ws://${request.url}${start.split(' ')[1] ?? ''}`;
        for (const line of lines) {
          const [name, value] = line.split(/: (.*)/, 2);
          if (value) entry.headers[name.toLowerCase()] = value;
        }
      });
      onward.once('data', (data) => (entry.status = Number(data.toString('latin1').split(' ', 2)[1])));
      socket.pipe(onward).pipe(socket);
    });
    const end = () => (socket.destroy(), onward.destroy());
    onward.on('error', end);
    socket.on('error', end);
    socket.on('close', end);
  }
}
