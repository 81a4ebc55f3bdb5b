// Peer ids as far as a page needs them: is this one, is it the beginning of one, a short form.
//
// Text forms: base58 of the multihash (12D3Koo… Ed25519, 16Uiu2… secp256k1, Qm… hashed), or a
// CIDv1 with codec libp2p-key in base36 (k…) or base32 (b…). The peer itself judges in the end.

const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

export type PeerIdProblem = { kind: 'char'; char: string } | { kind: 'short' } | { kind: 'no' };

/** null: it has the form of a peer id. */
export function peerIdProblem(text: string): PeerIdProblem | null {
  if (/^k[0-9a-z]+$/.test(text)) return text.length < 55 ? { kind: 'short' } : cid(text, 36, 1);
  if (/^b[2-7a-z]+$/.test(text)) return text.length < 59 ? { kind: 'short' } : cid(text, 32, 1);
  if (!/^(12D3K|16Uiu|Qm)/.test(text)) return { kind: 'no' };
  for (const char of text) if (!base58.includes(char)) return { kind: 'char', char };
  const full = text.startsWith('Qm') ? 46 : text.startsWith('16U') ? 53 : 52;
  if (text.length < full) return { kind: 'short' };
  const bytes = decodeBase58(text);
  return isMultihash(bytes) ? null : { kind: 'no' };
}

export function shortPeerId(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-6)}`;
}

function decodeBase58(text: string): Uint8Array {
  let value = 0n;
  for (const char of text) value = value * 58n + BigInt(base58.indexOf(char));
  return withZeros(value, /^1*/.exec(text)![0].length);
}

function withZeros(value: bigint, zeros: number): Uint8Array {
  const hex = value === 0n ? '' : value.toString(16);
  const even = hex.length % 2 ? `0${hex}` : hex;
  const bytes = even.match(/../g) ?? [];
  return Uint8Array.from([...Array<number>(zeros).fill(0), ...bytes.map((b) => parseInt(b, 16))]);
}

function cid(text: string, base: 32 | 36, skip: number): PeerIdProblem | null {
  const digits = base === 36 ? '0123456789abcdefghijklmnopqrstuvwxyz' : 'abcdefghijklmnopqrstuvwxyz234567';
  let value = 0n;
  for (const char of text.slice(skip)) value = value * BigInt(base) + BigInt(digits.indexOf(char));
  // base32 fills its last character with zero bits; base36 is a plain number
  if (base === 32) value >>= BigInt(((text.length - skip) * 5) % 8);
  const bytes = withZeros(value, 0);
  return bytes[0] === 1 && bytes[1] === 0x72 && isMultihash(bytes.slice(2)) ? null : { kind: 'no' };
}

// identity of a short public key, or a SHA-256
function isMultihash(bytes: Uint8Array): boolean {
  const size = bytes.length - 2;
  return bytes[1] === size && ((bytes[0] === 0 && size <= 42) || (bytes[0] === 0x12 && size === 32));
}
