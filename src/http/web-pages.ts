import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import compression from 'compression';
import express, { Router, type RequestHandler } from 'express';

/** Where `npm run build` puts the pages; both from the sources and from the built program. */
const CANDIDATES = ['../web/', '../../dist/web/'];

/** Nothing from outside is loaded, and no other page may frame ours. GraphiQL needs inline styles and blob workers. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const secure: RequestHandler = (_request, response, next) => {
  response.set({
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  });
  next();
};

/** The pages for people: the dashboard at `/`, and `/playground`. */
export function webPages(): Router {
  const router = Router();
  const root = CANDIDATES.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) =>
    existsSync(`${path}dashboard/index.html`),
  );
  const compress = compression();
  for (const [path, page] of [
    ['/', 'dashboard'],
    ['/playground', 'playground'],
  ] as const) {
    router.get(path, secure, compress, (_request, response) => {
      if (root !== undefined) return response.sendFile(`${root}${page}/index.html`);
      return response
        .status(503)
        .type('text/plain')
        .send('The pages have not been built. Run: npm run build\n');
    });
  }
  if (root !== undefined)
    router.use(
      '/assets',
      secure,
      compress,
      express.static(`${root}assets`, { immutable: true, maxAge: '1y' }),
    );
  return router;
}
