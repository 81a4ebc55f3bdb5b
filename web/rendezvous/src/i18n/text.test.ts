import { describe, expect, test } from 'vitest';
import { en, type Key } from './en';
import { nl } from './nl';

const placeholders = (value: string) => [...value.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe('the Dutch table', () => {
  test('has the same keys as English, in the same order', () => {
    expect(Object.keys(nl)).toEqual(Object.keys(en));
  });

  test('has the same placeholders as English, and no empty text', () => {
    for (const key of Object.keys(en) as Key[]) {
      expect(nl[key].trim(), key).not.toBe('');
      expect(placeholders(nl[key]), key).toEqual(placeholders(en[key]));
    }
  });
});
