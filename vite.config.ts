import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/web',
  base: '/',
  logLevel: 'error',
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    // Browsers that run these scripts know it by themselves.
    modulePreload: { polyfill: false },
    // GraphiQL's editor is large and loaded once; the warning would say so on every build.
    chunkSizeWarningLimit: 10_000,
    rollupOptions: {
      input: {
        dashboard: 'src/web/dashboard/index.html',
        playground: 'src/web/playground/index.html',
      },
    },
  },
});
