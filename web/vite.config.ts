import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// The page is painted by script, after it has read the person's theme. `blocking="render"` keeps
// the browser from showing an empty page in the other theme first.
const waitForTheme: Plugin = {
  name: 'wait-for-theme',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
  },
};

export default defineConfig({
  root: 'viewer',
  resolve: { alias: { $shared: fileURLToPath(new URL('shared', import.meta.url)) } },
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } }), waitForTheme],
  build: {
    outDir: '../../build/web/viewer',
    emptyOutDir: true,
    target: ['chrome100', 'firefox100'],
    assetsInlineLimit: 0,                 // the page's CSP has no use for inlined pieces
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { fs: { allow: ['..'] }, proxy: { '/api': 'http://127.0.0.1:8787' } },  // tests/mock-api.mjs
  test: { root: '.', include: ['{viewer,rendezvous,shared,pages,tests}/**/*.test.ts'], environment: 'node' },
});
