import { defineConfig } from 'vite';

// Script and style sheets whose names never change: the pages that name them are made in C++.
export default defineConfig({
  root: 'public',
  build: {
    outDir: '../../build/web/public',
    emptyOutDir: true,
    target: ['chrome100', 'firefox100'],
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { site: 'public/site.ts', pages: 'pages/pages.css' },
      output: { entryFileNames: '[name].js', assetFileNames: '[name][extname]' },
    },
  },
});
