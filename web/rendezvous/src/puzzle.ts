// The proof of work that the server asks for while many wrong passwords come in
// (src/rendezvous/operator/puzzle.h): a counter with which SHA-256(challenge "." counter) begins
// with so many zero bits.
//
// SHA-256 is written out, since crypto.subtle is missing on plain http, where a school's server is,
// and too slow for many short texts.

/** Milliseconds of work between two pauses, in which the page is drawn and clicked. */
const slice = 20;

/** The proof. Pauses now and then, so that the page stays alive. */
export async function solve(challenge: string, bits: number): Promise<string> {
  const text = new OneBlock(`${challenge}.`);
  let until = performance.now() + slice;
  for (let counter = 0; ; ++counter) {
    if (text.zeroBits(counter) >= bits) return `${challenge}.${counter}`;
    if (counter % 256 === 0 && performance.now() > until) {
      await new Promise((done) => setTimeout(done));
      until = performance.now() + slice;
    }
  }
}

const primes = [
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
  113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223, 227, 229, 233, 239,
  241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307, 311,
];
const fraction = (root: number) => ((root - Math.floor(root)) * 2 ** 32) | 0;
const start = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const rounds = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));

/** SHA-256 (FIPS 180-4) of a fixed beginning and a number, in one block: at most 55 bytes. */
export class OneBlock {
  #bytes = new DataView(new ArrayBuffer(64));
  #beginning: number;
  #words = new Int32Array(64);
  #hash = new Int32Array(8);

  constructor(beginning: string) {
    for (let i = 0; i < beginning.length; ++i) this.#bytes.setUint8(i, beginning.charCodeAt(i));
    this.#beginning = beginning.length;
  }

  /** With how many zero bits the hash of the text with this number begins; 32 stands for more. */
  zeroBits(counter: number): number {
    this.#fill(counter);
    return Math.clz32(this.#compress()[0]!);
  }

  /** The hash of the text with this number, in hex. */
  hex(counter: number): string {
    this.#fill(counter);
    return Array.from(this.#compress(), (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #fill(counter: number): void {
    const digits = String(counter);
    const end = this.#beginning + digits.length;
    if (end > 55) throw new RangeError('longer than one block');
    for (let i = 0; i < digits.length; ++i) this.#bytes.setUint8(this.#beginning + i, digits.charCodeAt(i));
    this.#bytes.setUint8(end, 0x80);
    for (let i = end + 1; i < 60; ++i) this.#bytes.setUint8(i, 0);
    this.#bytes.setUint32(60, end * 8);
  }

  #compress(): Int32Array {
    const w = this.#words;
    for (let i = 0; i < 16; ++i) w[i] = this.#bytes.getInt32(4 * i);
    for (let i = 16; i < 64; ++i) {
      const x = w[i - 15]!;
      const y = w[i - 2]!;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
    }
    const hash = this.#hash;
    hash.set(start);
    let a = hash[0]!, b = hash[1]!, c = hash[2]!, d = hash[3]!;
    let e = hash[4]!, f = hash[5]!, g = hash[6]!, h = hash[7]!;
    for (let i = 0; i < 64; ++i) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + rounds[i]! + w[i]!) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    hash[0]! += a;
    hash[1]! += b;
    hash[2]! += c;
    hash[3]! += d;
    hash[4]! += e;
    hash[5]! += f;
    hash[6]! += g;
    hash[7]! += h;
    return hash;
  }
}
