// The operator's page of a rendezvous server: its index.html stands for /admin and /admin/login.
import { mergeConfig } from 'vite';
import viewer from '../vite.config.ts';

export default mergeConfig(viewer, {
  root: 'rendezvous',
  build: { outDir: '../../build/web/operator' },
});
