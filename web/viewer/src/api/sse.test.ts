import { describe, expect, test } from 'vitest';
import { EventParser, maxEventChars, type ServerEvent } from './sse';

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => new EventParser().push(bytes(text));

describe('event stream parser', () => {
  test('an event has its id, name and data', () => {
    expect(parse('id: 7\nevent: self\ndata: {"a":1}\n\n')).toEqual([
      { id: '7', event: 'self', data: '{"a":1}' },
    ]);
  });

  test('an event without a name is a message, and the last id stays', () => {
    expect(parse('id:1\ndata:a\n\ndata:b\n\n')).toEqual([
      { id: '1', event: 'message', data: 'a' },
      { id: '1', event: 'message', data: 'b' },
    ]);
  });

  test('several data lines are joined, one leading space is dropped', () => {
    expect(parse('data: a\ndata:  b\ndata\n\n')[0]?.data).toBe('a\n b\n');
  });

  test('comments and events without data give nothing', () => {
    expect(parse(': beat\n\nevent: gap\n\n')).toEqual([]);
  });

  test('unknown fields and ids with a NUL are ignored', () => {
    expect(parse('id: a\0b\nretry: 5\nnew: x\ndata: y\n\n')).toEqual([
      { id: '', event: 'message', data: 'y' },
    ]);
  });

  test('every cut of the bytes gives the same events, with LF, CR LF and CR', () => {
    const lines = ['id: 1', 'event: a', 'data: é€😀', '', ': x', 'data: 2', 'data:', '', ''];
    for (const end of ['\n', '\r\n', '\r']) {
      const whole = bytes(lines.join(end) + 'x');
      const expected = new EventParser().push(whole);
      expect(expected).toHaveLength(2);
      for (let at = 0; at <= whole.length; at++) {
        const parser = new EventParser();
        const got = [...parser.push(whole.subarray(0, at)), ...parser.push(whole.subarray(at))];
        expect(got).toEqual(expected);
      }
      const parser = new EventParser();
      const single: ServerEvent[] = [];
      for (const byte of whole) single.push(...parser.push(Uint8Array.of(byte)));
      expect(single).toEqual(expected);
    }
  });

  test('a line and an event that never end are refused at the cap', () => {
    expect(() => parse('data:' + 'x'.repeat(maxEventChars + 1))).toThrow(RangeError);
    const parser = new EventParser();
    const line = bytes('data: ' + 'x'.repeat(1023) + '\n');
    expect(() => {
      for (let i = 0; i < 1100; i++) parser.push(line);
    }).toThrow(RangeError);
  });
});
