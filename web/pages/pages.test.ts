import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const tables = { en: JSON.parse(read('text.en.json')), nl: JSON.parse(read('text.nl.json')) } as Record<
  string,
  Record<string, string>
>;
const values: Record<string, string[]> = {
  'unreachable.html': ['peer', 'peerID', 'cause', 'advice', 'detail'],
  'visit.html': ['peer', 'peerID', 'address', 'path'],
  'message.html': ['title', 'body', 'detail', 'go', 'goText'],
};
const escape = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

// What the README says, in the few lines that the C++ side needs too.
function fill(page: string, table: Record<string, string>, given: Record<string, string>): string {
  const once = (text: string) => text.replace(/\{\{([\w.]+)\}\}/g, (whole, name: string) => given[name] ?? whole);
  return page.replace(/\{\{([\w.]+)\}\}/g, (whole, name: string) =>
    escape(given[name] ?? (table[name] === undefined ? whole : once(table[name]))),
  );
}

test('both tables have the same texts with the same values', () => {
  const names = (text: string) => [...text.matchAll(/\{\{\w+\}\}/g)].map(String).sort();
  expect(Object.keys(tables.nl!)).toEqual(Object.keys(tables.en!));
  for (const [key, text] of Object.entries(tables.en!)) expect(names(tables.nl![key]!), key).toEqual(names(text));
});

test('every cause has its advice, every message its title and body', () => {
  const keys = Object.keys(tables.en!);
  const codes = (prefix: string, end = '') =>
    keys.filter((key) => key.startsWith(prefix) && key.endsWith(end)).map((key) => key.slice(prefix.length, -end.length || undefined));
  expect(codes('advice.')).toEqual(codes('cause.'));
  expect(codes('message.', '.body')).toEqual(codes('message.', '.title'));
});

describe.each(Object.entries(tables))('in language %s', (lang, table) => {
  test.each(Object.entries(values))('%s is filled completely and keeps hostile values as text', (name, wanted) => {
    const hostile = `"><script>alert(1)</script>{{detail}}`;
    const given = Object.fromEntries([...wanted.map((one) => [one, hostile]), ['lang', lang], ['base', '/assets']]);
    const page = fill(read(name), table, given);
    expect(page).not.toContain('<script>alert');
    expect(page.replaceAll(escape(hostile), '')).not.toMatch(/\{\{/);
  });
});

test.each(Object.keys(values))('%s has nothing inline that the policy would block', (name) => {
  const page = read(name);
  expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
  for (const [, attributes] of page.matchAll(/<script([^>]*)>/g)) expect(attributes).toMatch(/ src="\{\{base\}\}\//);
});
