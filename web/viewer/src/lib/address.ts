// What a person may type into "visit a site": a multiaddr that ends in /p2p/<id>, a bare peer id,
// goop://<id>[?addr=…], or a viewer's site URL (…/p/<id>/…), of which we take the peer.
//
// The verdict here is for hints while typing. Whether an address is valid is decided by the peer.
import type { Key } from '../i18n/en';
import { peerIdProblem } from '$shared/lib/peer_id';

export type Verdict =
  | { ok: true; address: string }
  | { ok: false; hint: Key; values: Record<string, string> };

const bad = (hint: Key, values: Record<string, string> = {}): Verdict => ({ ok: false, hint, values });

export function judge(typed: string): Verdict {
  const text = typed.trim();
  if (text === '') return bad('hint.empty');
  if (/\s/.test(text)) return bad('hint.spaces');
  if (/^https?:/i.test(text)) return ofWeb(text);
  if (/^goop:/i.test(text)) return ofLink(text);
  if (text.startsWith('/')) return ofMultiaddr(text) ?? { ok: true, address: text };
  return ofPeerId(text) ?? { ok: true, address: text };
}

function ofPeerId(id: string): Verdict | null {
  const problem = peerIdProblem(id);
  switch (problem?.kind) {
    case undefined:
      return null;
    case 'char':
      return bad('hint.peerIdChar', { char: problem.char });
    case 'short':
      return bad('hint.peerIdShort');
    case 'no':
      return bad('hint.peerId');
  }
}

function ofWeb(text: string): Verdict {
  const id = /^https?:\/\/[^/]+\/p\/([^/?#]+)/i.exec(text)?.[1];
  return id && !ofPeerId(id) ? { ok: true, address: id } : bad('hint.web');
}

function ofLink(text: string): Verdict {
  const match = /^goop:\/\/([^/?#]*)\/?(?:\?([^#]*))?$/i.exec(text);
  if (!match) return bad('hint.peerId');
  const wrong = ofPeerId(match[1] ?? '');
  if (wrong) return wrong;
  for (const address of new URLSearchParams(match[2] ?? '').getAll('addr')) {
    const inside = address.includes('/p2p/') ? address : `${address}/p2p/${match[1]}`;
    if (!address.startsWith('/') || ofMultiaddr(inside)) return bad('hint.linkAddress', { address });
  }
  return { ok: true, address: text };
}

const isIp4 = (value: string) =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(value) && value.split('.').every((part) => Number(part) <= 255);
const isIp6 = (value: string) => {
  try {
    return new URL(`http://[${value}]/`).hostname !== '';
  } catch {
    return false;
  }
};
const isName = (value: string) => value.length <= 253 && /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?$/i.test(value);
const isPort = (value: string) => /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65535;

const withValue: Record<string, { holds: (value: string) => boolean; hint: Key } | null> = {
  ip4: { holds: isIp4, hint: 'hint.ip4' },
  ip6: { holds: isIp6, hint: 'hint.ip6' },
  dns: { holds: isName, hint: 'hint.name' },
  dns4: { holds: isName, hint: 'hint.name' },
  dns6: { holds: isName, hint: 'hint.name' },
  dnsaddr: { holds: isName, hint: 'hint.name' },
  sni: { holds: isName, hint: 'hint.name' },
  tcp: { holds: isPort, hint: 'hint.port' },
  udp: { holds: isPort, hint: 'hint.port' },
  ip6zone: null,
  certhash: null,
};
const withoutValue = new Set([
  'ws', 'wss', 'tls', 'noise', 'quic', 'quic-v1', 'webtransport', 'webrtc', 'webrtc-direct', 'p2p-circuit',
]);

/** null: fine. */
function ofMultiaddr(text: string): Verdict | null {
  const parts = text.replace(/\/$/, '').split('/').slice(1);
  let last = '';
  for (let i = 0; i < parts.length; ) {
    const name = parts[i++] ?? '';
    last = name;
    if (withoutValue.has(name)) continue;
    const isPeer = name === 'p2p' || name === 'ipfs';
    if (!isPeer && !Object.hasOwn(withValue, name)) return bad('hint.protocol', { name });
    const value = parts[i++];
    if (!value) return bad('hint.missing', { name });
    if (isPeer) {
      const wrong = ofPeerId(value);
      if (wrong) return wrong;
      continue;
    }
    const rule = withValue[name];
    if (rule && !rule.holds(value)) return bad(rule.hint, { value });
  }
  return last === 'p2p' || last === 'ipfs' ? null : bad('hint.noPeer');
}

/** Where an address can be reached from, as far as its first part says. */
export function reach(address: string): 'local' | 'private' | 'anywhere' {
  const [, kind, host = ''] = address.split('/');
  if (kind === 'ip4') {
    if (host.startsWith('127.')) return 'local';
    if (/^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)/.test(host)) return 'private';
  }
  if (kind === 'ip6') {
    if (host === '::1') return 'local';
    if (/^(f[cd]|fe[89ab])/i.test(host)) return 'private';
  }
  return 'anywhere';
}
