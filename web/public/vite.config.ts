import { defineConfig } from 'vite';

// One script and one style sheet whose names never change: the pages that name them are made in C++.
export default defineConfig({
  root: 'public',
  build: {
    outDir: '../../build/web/public',
    emptyOutDir: true,
    target: ['chrome100', 'firefox100'],
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: 'public/site.ts',
      output: { entryFileNames: 'site.js', assetFileNames: '[name][extname]' },
    },
  },
});
