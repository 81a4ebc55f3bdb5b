// A real video of any size without an encoder: H.264 whose blocks are all uncompressed (I_PCM, ITU-T
// H.264 section 7.3.5), every frame on its own, in an MP4 file. The brightness of a frame tells its
// number, so that a test can see where the player is.
const side = 128; // pixels, in blocks of 16
const framesPerSecond = 25;
const blocks = (side / 16) ** 2;

/** Brightness of the picture at frame `n`. From 32 on: no byte is so small that it needed escaping. */
export const brightnessOf = (n) => 32 + (n % 192);

// Bits as the standard writes them: [value, width], or a number for an Exp-Golomb code.
function bits(...parts) {
  let text = '';
  for (const part of parts) {
    const binary = (typeof part === 'number' ? part + 1 : part[0]).toString(2);
    text += typeof part === 'number' ? '0'.repeat(binary.length - 1) + binary : binary.padStart(part[1], '0');
  }
  return text;
}
const bytesOf = (text) => Buffer.from(text.match(/.{1,8}/g).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
const one = [1, 1];
const zero = [0, 1];

// Sequence: baseline, level 4; no reordering, no references, one frame per picture.
const sequence = bytesOf(bits([0x67, 8], [66, 8], [0xc0, 8], [40, 8], 0, 0, 2, 0, zero, side / 16 - 1, side / 16 - 1, one, zero, zero, zero, one));
// Picture: everything plain, the deblocking filter under the slice's control.
const picture = bytesOf(bits([0x68, 8], 0, 0, zero, zero, 0, 0, 0, zero, [0, 2], 0, 0, 0, one, zero, zero, one));

function frame(number) {
  // Slice of intra blocks, then for each block its type (25, I_PCM) and 384 samples.
  const head = bytesOf(bits([0x65, 8], 0, 7, 0, [0, 4], number % 2, zero, zero, 0, 1, 25));
  const samples = Buffer.alloc(384, 128);
  samples.fill(brightnessOf(number), 0, 256);
  const next = Buffer.concat([bytesOf(bits(25)), samples]);
  const body = Buffer.concat([head, samples, ...Array(blocks - 1).fill(next), Buffer.from([0x80])]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length);
  return Buffer.concat([size, body]);
}

const u16 = (...values) => Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
const u32 = (...values) => Buffer.concat(values.map((value) => (Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]))));
const box = (name, ...content) => {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(body.length + 8), Buffer.from(name, 'latin1'), body]);
};
const matrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/** An MP4 file (ISO/IEC 14496-12) of at least `bytes`; `frames` says how many pictures it has. */
export function makeVideo(bytes) {
  const kinds = Array.from({ length: 384 }, (_, n) => frame(n)); // they repeat
  const frames = Math.ceil(bytes / kinds[0].length);
  const duration = frames; // in units of a frame
  const configuration = box('avcC', Buffer.from([1, 66, 0xc0, 40, 0xff, 0xe1]), u16(sequence.length), sequence,
    Buffer.from([1]), u16(picture.length), picture);
  const entry = box('avc1', Buffer.alloc(6), u16(1), Buffer.alloc(16), u16(side, side), u32(0x480000, 0x480000, 0), u16(1),
    Buffer.alloc(32), u16(24, 0xffff), configuration);
  const sizes = Array.from({ length: frames }, (_, n) => kinds[n % kinds.length].length);
  const moov = (offset) =>
    box('moov',
      box('mvhd', u32(0, 0, 0, framesPerSecond, duration, 0x10000), u16(0x100), Buffer.alloc(10), matrix, Buffer.alloc(24), u32(2)),
      box('trak',
        box('tkhd', u32(7, 0, 0, 1, 0, duration), Buffer.alloc(8), u16(0, 0, 0, 0), matrix, u32(side << 16, side << 16)),
        box('mdia',
          box('mdhd', u32(0, 0, 0, framesPerSecond, duration), u16(0x55c4, 0)),
          box('hdlr', u32(0, 0), Buffer.from('vide'), Buffer.alloc(12), Buffer.from('v\0')),
          box('minf',
            box('vmhd', u32(1), Buffer.alloc(8)),
            box('dinf', box('dref', u32(0, 1), box('url ', u32(1)))),
            box('stbl',
              box('stsd', u32(0, 1), entry),
              box('stts', u32(0, 1, frames, 1)),
              box('stsc', u32(0, 1, 1, frames, 1)),
              box('stsz', u32(0, 0, frames, ...sizes)),
              box('stco', u32(0, 1, offset)))))));
  const type = box('ftyp', Buffer.from('isom'), u32(0x200), Buffer.from('isomavc1'));
  const offset = type.length + moov(0).length + 8;
  const data = u32(sizes.reduce((sum, size) => sum + size, 8));
  const content = Array.from({ length: frames }, (_, n) => kinds[n % kinds.length]);
  return { frames, framesPerSecond, file: Buffer.concat([type, moov(offset), data, Buffer.from('mdat'), ...content]) };
}
