import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where the server listens that is configured as this process is. */
const toApi = ({ PORT = '4000', HOST = '' }: NodeJS.ProcessEnv): string => {
  const isEvery = ['', '0.0.0.0', '::'].includes(HOST);
  return `http://${isEvery ? '127.0.0.1' : HOST}:${PORT}`;
};

const target = toApi(process.env);

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
      // The host stays that of the page: sign-in compares it with the page's origin.
      '^/graphql(?:\\?|$)': { target, ws: true },
      '^/web/': { target },
    },
  },
});
