import type { Proxy } from '../../../sdk/browser.js';
import type { ActionSpec } from './action.js';

/** What may be done with a proxy as it is. */
export function proxyActions({ name, state }: Proxy): ActionSpec[] {
  const change = (to: string, title: string, label: string, more: Partial<ActionSpec> = {}): ActionSpec => ({
    method: 'setProxyState',
    title,
    label,
    fixed: { name, state: to },
    fields: [],
    ...more,
  });
  const serve = change('ONLINE', `Let the proxy ${name} serve`, 'Serve');
  const stop = change('OFFLINE', `Stop the proxy ${name}`, 'Stop', {
    note: 'It stops serving its clients, who have to go to another one.',
  });
  const fence = change('FENCED', `Fence the proxy ${name}`, 'Fence', {
    role: 'ADMIN',
    destroys: { name },
    note: 'Cuts it off from every server. For one that is out of touch with the coordinator and holds up changes.',
  });
  const remove: ActionSpec = {
    method: 'removeProxy',
    title: `Remove the proxy ${name}`,
    label: 'Remove',
    fixed: { name },
    destroys: { name },
    fields: [
      {
        name: 'force',
        label: 'Fence it first, whether it answers or not',
        kind: 'check',
        role: 'ADMIN',
      },
    ],
  };
  return [
    ...(state === 'OFFLINE' || state === 'MARK_OFFLINE' ? [serve] : []),
    ...(state === 'ONLINE' || state === 'STARTING' ? [stop] : []),
    ...(state === 'UNREACHABLE' ? [fence] : []),
    remove,
  ];
}
