import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const api = process.env.EDAGENT_WEB_API ?? 'http://127.0.0.1:4000';

/** `npm run dev` serves this beside the API, with hot reload; `npm run build` makes `dist/web`, which the server serves. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    assetsDir: 'assets',
    // Data addresses would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: {
      '/graphql': { target: api, ws: true },
      '/web': { target: api },
    },
  },
});
