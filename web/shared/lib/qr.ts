// A QR code as one SVG path. It is drawn dark on white in both themes: scanners expect it so.
import { encode } from 'uqr';

export const qrDark = '#10201a';
export const qrLight = '#fff';

export interface Qr {
  side: number; // of the picture, in cells
  path: string; // the dark cells
}

export function qrOf(text: string): Qr {
  const code = encode(text, { ecc: 'L', border: 4 });
  const cells = code.data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { side: code.size, path: cells.join('') };
}
