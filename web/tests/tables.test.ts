// Every table of texts says what its English one says.
import { describe, expect, test } from 'vitest';
import { en as operatorEnglish } from '../rendezvous/src/i18n/en';
import { nl as operatorDutch } from '../rendezvous/src/i18n/nl';
import { en as commonEnglish, nl as commonDutch } from '../shared/i18n/common';
import { en as viewerEnglish } from '../viewer/src/i18n/en';
import { nl as viewerDutch } from '../viewer/src/i18n/nl';

const placeholders = (value: string) => [...value.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe.each<[string, Record<string, string>, Record<string, string>]>([
  ['viewer', viewerEnglish, viewerDutch],
  ['operator', operatorEnglish, operatorDutch],
  ['common', commonEnglish, commonDutch],
])('the Dutch table: %s', (_name, en, nl) => {
  test('has the same keys as English, in the same order', () => {
    expect(Object.keys(nl)).toEqual(Object.keys(en));
  });

  test('has the same placeholders as English, and no empty text', () => {
    for (const key of Object.keys(en)) {
      expect(nl[key]!.trim(), key).not.toBe('');
      expect(placeholders(nl[key]!), key).toEqual(placeholders(en[key]!));
    }
  });
});
