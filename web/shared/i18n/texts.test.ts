import { describe, expect, test } from 'vitest';
import { fill, preferred } from './fill';
import { language, textsOf } from './texts.svelte';

test('a text gets its values, also when a value looks like a placeholder', () => {
  expect(fill('en', '“{value}” is no port.', { value: '{value}' })).toBe('“{value}” is no port.');
  expect(fill('en', '{a}{b}', { a: '{b}', b: 'x' })).toBe('{b}x');
  expect(fill('en', '{constructor}')).toBe('{constructor}');
});

test('a number is written as the language writes numbers', () => {
  expect(fill('en', '{n} peers', { n: 1200 })).toBe('1,200 peers');
  expect(fill('nl', '{n} peers', { n: 1200 })).toBe('1.200 peers');
  expect(fill('nl', '{n} peers', { n: '1200' })).toBe('1200 peers');
});

describe('the texts of a page', () => {
  const { t, count, say } = textsOf({
    en: { hello: 'Hello {name}', 'peers.one': '{n} peer', 'peers.other': '{n} peers' },
    nl: { hello: 'Hallo {name}', 'peers.one': '{n} peer', 'peers.other': '{n} peers' },
  });

  test('are in its language', () => {
    expect(language()).toBe('en');
    expect(t('hello', { name: 'Mira' })).toBe('Hello Mira');
    expect(say('hello', { name: 'Mira' })).toBe('Hello Mira');
  });

  test('have the plural form of a number', () => {
    expect([0, 1, 1200].map((n) => count('peers', n))).toEqual(['0 peers', '1 peer', '1,200 peers']);
  });
});

test('the first language that we have wins, English is the last resort', () => {
  expect(preferred(['fr-FR', 'nl-BE', 'en'])).toBe('nl');
  expect(preferred(['EN-gb'])).toBe('en');
  expect(preferred(['de', 'toString'])).toBe('en');
  expect(preferred([])).toBe('en');
});
