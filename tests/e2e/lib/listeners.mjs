// Listeners of this machine that count who comes, whatever they say: for what reaches past a proxy.
import dgram from 'node:dgram';
import net from 'node:net';
import { atEnd } from './run.mjs';

/** A TCP and a UDP port, and how many connections and packets came to them. */
export async function openListeners() {
  const came = { connections: 0, packets: 0 };
  const tcp = net.createServer((socket) => {
    came.connections += 1;
    socket.on('error', () => {});
  });
  await new Promise((done) => tcp.listen(0, '127.0.0.1', done));
  const udp = dgram.createSocket('udp4').on('message', () => (came.packets += 1));
  await new Promise((done) => udp.bind(0, '127.0.0.1', done));
  atEnd(() => (tcp.close(), udp.close()));
  return { came, tcp: tcp.address().port, udp: udp.address().port };
}
