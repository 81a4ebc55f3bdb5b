import { describe, expect, test } from 'vitest';
import { en, type Key } from './en';
import { preferred } from './fill';
import { countText, tables, text } from './text';

const placeholders = (value: string) => [...value.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe.each(Object.entries(tables))('language table %s', (_name, table) => {
  test('has the same keys as English, in the same order', () => {
    expect(Object.keys(table)).toEqual(Object.keys(en));
  });

  test('has the same placeholders as English, and no empty text', () => {
    for (const key of Object.keys(en) as Key[]) {
      expect(table[key].trim(), key).not.toBe('');
      expect(placeholders(table[key]), key).toEqual(placeholders(en[key]));
    }
  });
});

test('a text gets its values, also when a value looks like a placeholder', () => {
  expect(text('en', 'hint.port', { value: '{value}' })).toContain('“{value}”');
});

test('plural forms follow the number', () => {
  expect(countText('en', 'peers.count', 1)).toBe('1 peer connected');
  expect(countText('en', 'peers.count', 0)).toBe('0 peers connected');
  expect(countText('nl', 'peers.count', 1200)).toBe('1.200 peers verbonden');
});

test('the first language that we have wins, English is the last resort', () => {
  expect(preferred(['fr-FR', 'nl-BE', 'en'])).toBe('nl');
  expect(preferred(['EN-gb'])).toBe('en');
  expect(preferred(['de', 'toString'])).toBe('en');
  expect(preferred([])).toBe('en');
});
