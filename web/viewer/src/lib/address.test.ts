import { expect, test } from 'vitest';
import { judge, reach } from './address';

// Published example ids (libp2p specs: peer-ids, and the documentation of the projects).
const ed25519 = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA';
const hashed = 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N';
const cid = 'bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe';

const hint = (typed: string) => {
  const verdict = judge(typed);
  return verdict.ok ? null : verdict.hint;
};

test('the four forms of an address are taken', () => {
  for (const good of [
    ed25519,
    hashed,
    cid,
    ` ${ed25519} `,
    `/ip4/192.0.2.7/tcp/4001/p2p/${ed25519}`,
    `/ip6/2001:db8::1/tcp/4001/p2p/${ed25519}`,
    `/dns4/goop.example/tcp/443/wss/p2p/${hashed}`,
    `/dnsaddr/goop.example/p2p/${ed25519}`,
    `/ip4/192.0.2.7/tcp/4001/p2p/${hashed}/p2p-circuit/p2p/${ed25519}`,
    `goop://${ed25519}`,
    `goop://${ed25519}?addr=/ip4/192.0.2.7/tcp/4001&addr=%2Fip4%2F192.0.2.8%2Ftcp%2F1%2Fp2p%2F${ed25519}`,
  ]) {
    expect(hint(good), good).toBeNull();
  }
});

test('a site URL of a viewer stands for its peer', () => {
  expect(judge(`http://x.localhost:8080/p/${ed25519}/about.html`)).toEqual({ ok: true, address: ed25519 });
});

test.each([
  ['', 'hint.empty'],
  ['   ', 'hint.empty'],
  ['https://example.org/', 'hint.web'],
  [`12D3 KooW`, 'hint.spaces'],
  ['hello', 'hint.peerId'],
  [ed25519.slice(0, 40), 'hint.peerIdShort'],
  [ed25519.replace('eck', 'e0k'), 'hint.peerIdChar'],
  [`${ed25519}A`, 'hint.peerId'],
  ['goop://', 'hint.peerId'],
  [`goop://${ed25519}?addr=/ip4/1.2.3/tcp/1`, 'hint.linkAddress'],
  ['/ip4/192.0.2.7/tcp/4001', 'hint.noPeer'],
  [`/ip4/192.0.2.300/tcp/4001/p2p/${ed25519}`, 'hint.ip4'],
  [`/ip6/xyz/tcp/4001/p2p/${ed25519}`, 'hint.ip6'],
  [`/dns4/-a/tcp/4001/p2p/${ed25519}`, 'hint.name'],
  [`/ip4/192.0.2.7/tcp/70000/p2p/${ed25519}`, 'hint.port'],
  [`/ip4/192.0.2.7/tcp/0/p2p/${ed25519}`, 'hint.port'],
  [`/ipv4/192.0.2.7/tcp/1/p2p/${ed25519}`, 'hint.protocol'],
  [`/constructor/x/p2p/${ed25519}`, 'hint.protocol'],
  ['/ip4/192.0.2.7/tcp/4001/p2p/', 'hint.missing'],
  [`/ip4/192.0.2.7/tcp/4001/p2p/${ed25519.slice(0, 20)}`, 'hint.peerIdShort'],
] as const)('%s is answered by %s', (typed, expected) => {
  expect(hint(typed)).toBe(expected);
});

test('the reach of an address follows its host', () => {
  expect(reach('/ip4/127.0.0.1/tcp/1')).toBe('local');
  expect(reach('/ip6/::1/tcp/1')).toBe('local');
  expect(reach('/ip4/172.20.0.1/tcp/1')).toBe('private');
  expect(reach('/ip6/fe80::1/tcp/1')).toBe('private');
  expect(reach('/ip4/172.40.0.1/tcp/1')).toBe('anywhere');
  expect(reach('/dns4/example.org/tcp/1')).toBe('anywhere');
});
