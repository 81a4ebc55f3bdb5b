// A peer's mark: a soft shape in a hue, both drawn from its id, so that a peer is recognised before
// its id is read. Decoration: it proves nothing, and it is hidden from screen readers.

export interface Mark {
  hue: number; // degrees
  path: string; // within a box of 100 × 100
}

export function markOf(peerID: string): Mark {
  const next = numbers(peerID);
  const hue = Math.floor(next() * 360);
  const corners = 6;
  const radii = Array.from({ length: corners }, () => 30 + next() * 18);
  const turn = next() * Math.PI;
  const points = radii.map((radius, i) => {
    const angle = turn + (i * 2 * Math.PI) / corners;
    return [50 + radius * Math.cos(angle), 50 + radius * Math.sin(angle)] as const;
  });
  return { hue, path: smooth(points) };
}

// A closed curve through the middles of the edges, bent by the corners.
function smooth(points: readonly (readonly [number, number])[]): string {
  const at = (i: number) => points[i % points.length]!;
  const middle = (i: number) => [(at(i)[0] + at(i + 1)[0]) / 2, (at(i)[1] + at(i + 1)[1]) / 2] as const;
  const text = ([x, y]: readonly [number, number]) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const bends = points.map((_, i) => `Q${text(at(i + 1))} ${text(middle(i + 1))}`);
  return `M${text(middle(0))}${bends.join('')}Z`;
}

// FNV-1a seeds a small generator (mulberry32): the same id gives the same numbers everywhere.
function numbers(text: string): () => number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
