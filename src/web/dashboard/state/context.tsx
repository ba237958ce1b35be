import { createContext } from 'preact';
import { useContext, useEffect, useReducer } from 'preact/hooks';
import type { QuorateClient } from '../../../sdk/browser.js';
import type { Live } from './live.js';
import type { Topic } from './topics.js';

export type Role = 'VIEWER' | 'OPERATOR' | 'ADMIN';
const ROLES: readonly Role[] = ['VIEWER', 'OPERATOR', 'ADMIN'];

/** What every part of the page works with, once somebody is in. */
export interface AppContext {
  readonly client: QuorateClient;
  readonly live: Live;
  readonly viewer: { readonly name: string; readonly role: Role; readonly expiresAt: string | null };
  /** Says something to whoever looks, for some seconds. */
  readonly notify: (text: string, tone?: 'good' | 'bad') => void;
  /** Ends the session; without tokens it begins again at once. */
  readonly leave: () => void;
}

export const appContext = createContext<AppContext | null>(null);

export function useApp(): AppContext {
  const context = useContext(appContext);
  if (!context) throw new Error('There is no session.');
  return context;
}

/** The cluster; the part is drawn anew when one of the topics changes. */
export function useLive(...topics: Topic[]): Live {
  const { live } = useApp();
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  useEffect(() => live.topics.listen(topics, () => redraw(undefined)), [live, topics.join()]);
  return live;
}

/** Whether the role of whoever looks allows what needs this one. */
export function useMay(): (needed: Role) => boolean {
  const { viewer } = useApp();
  return (needed) => ROLES.indexOf(viewer.role) >= ROLES.indexOf(needed);
}
