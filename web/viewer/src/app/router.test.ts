import { expect, test } from 'vitest';
import { match } from './router';

const screens = [{ path: '/' }, { path: '/peers' }, { path: '/peer/:id' }, { path: '/peer/:id/files' }];
const found = (path: string) => match(screens, path)?.screen.path ?? null;

test('a path finds its screen, with or without a slash at its end', () => {
  expect(found('/')).toBe('/');
  expect(found('/peers')).toBe('/peers');
  expect(found('/peers/')).toBe('/peers');
  expect(found('/peer/x/files')).toBe('/peer/:id/files');
});

test('parameters are decoded', () => {
  expect(match(screens, '/peer/a%2Fb')?.params).toEqual({ id: 'a/b' });
});

test('what no screen has is null', () => {
  for (const path of ['/nope', '/peer', '/peer//files', '/peers/x', '/peer/%E0%A4%A', '//']) {
    expect(found(path), path).toBeNull();
  }
});
