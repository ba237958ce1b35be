import { useEffect } from 'preact/hooks';
import { Badge } from '../parts/badge.js';
import { OverviewPage } from '../pages/overview.js';
import type { Connection } from '../state/connection.js';
import { useApp, useLive } from '../state/context.js';
import { ConnectionMark } from './connection-mark.js';
import { scrollToObject } from './scroll-to-object.js';
import { lazyPage, type PageOf } from './lazy-page.js';
import { linkTo, usePlace } from './router.js';
import { Search } from './search.js';

const PAGES: Readonly<Record<string, { readonly title: string; readonly show: PageOf }>> = {
  overview: { title: 'Overview', show: OverviewPage },
  binlog: {
    title: 'Binlog',
    show: lazyPage(async () => (await import('../pages/binlog/page.js')).BinlogPage),
  },
  redis: { title: 'Redis', show: lazyPage(async () => (await import('../pages/redis/page.js')).RedisPage) },
  members: {
    title: 'Members',
    show: lazyPage(async () => (await import('../pages/members.js')).MembersPage),
  },
  operations: {
    title: 'Operations',
    show: lazyPage(async () => (await import('../pages/operations.js')).OperationsPage),
  },
  actions: {
    title: 'Actions',
    show: lazyPage(async () => (await import('../pages/actions.js')).ActionsPage),
  },
  settings: {
    title: 'Settings',
    show: lazyPage(async () => (await import('../pages/settings.js')).SettingsPage),
  },
};

/** The frame around all pages. */
export function Shell({ connection }: { connection: Connection }) {
  const place = usePlace();
  const { viewer, leave } = useApp();
  const { cluster } = useLive('cluster');
  const { title, show: Page } = PAGES[place.page] ?? PAGES['overview']!;
  useEffect(() => {
    document.title = `${title} · ${cluster?.name ?? ''} · Quorate`;
  }, [title, cluster?.name]);
  useEffect(() => {
    document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [place.page]);
  useEffect(() => scrollToObject(place.object), [place.page, place.object]);
  return (
    <>
      <a class="skip" href="#content" onClick={skip}>
        To the content
      </a>
      <header class="top">
        <a class="brand" href={linkTo('overview')}>
          Quorate <span>{cluster?.name}</span>
        </a>
        <nav aria-label="Pages">
          {Object.entries(PAGES).map(([page, { title, show }]) => (
            <a href={linkTo(page)} {...(Page === show && { 'aria-current': 'page' })}>
              {title}
            </a>
          ))}
          <a href="/playground">Playground</a>
        </nav>
        <Search />
        <span class="who">
          {cluster && <Badge state={cluster.health} />}
          <span title={`Role ${viewer.role}`}>{viewer.name}</span>
          {viewer.name !== 'local' && (
            <button type="button" class="small" onClick={leave}>
              Log out
            </button>
          )}
        </span>
      </header>
      <ConnectionMark connection={connection} />
      <main id="content" tabIndex={-1}>
        <h1>{title}</h1>
        <Page place={place} />
      </main>
    </>
  );
}

/** The address is the page's own: a jump must not change it. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}
