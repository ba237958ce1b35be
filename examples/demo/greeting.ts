import type { Places } from './demo.js';
import type { DemoOptions } from './options.js';

/** What a person needs next. */
export function greeting(places: Places, options: DemoOptions, seconds: string): string {
  const { api, token, proxies, source, replica, password, etcd, logs } = places;
  const sql = ({ port }: Places['source']) => `mariadb -h 127.0.0.1 -P ${port} -u root -p${password} shop`;
  return `
The demo is ready, after ${seconds} s.

  Dashboard    ${api[0]}/
  Playground   ${api[0]}/playground
  Members      ${api.join('  ')}
  Token        ${token}
               (role ADMIN; paste it where you are asked for one)
  Redis        ${proxies.map((port) => `redis-cli -p ${port}`).join('   ')}
  Source       ${sql(source)}
  Replica      ${sql(replica)}
  etcd         ${etcd.join(' ')}
  Logs         ${logs}

Load: ${options.requestsPerSecond} Redis requests and ${options.transactionsPerSecond} transactions a second.${
    options.chaos ? ' Something breaks every 20 to 40 s.' : ''
  }

On the command line, in another terminal:

  export QUORATE_URL=${api[0]} QUORATE_TOKEN=${token}
  node dist/main.js status
  node dist/main.js slots move 0-255 --to 2
  node dist/main.js watch actions
  curl -s $QUORATE_URL/metrics -H "Authorization: Bearer $QUORATE_TOKEN" | grep ^quorate

What to try:

  - Drag over slots on the dashboard's Redis page, choose a group, look at the preview, and move them.
  - Write at the source, read at the replica, and look at the dashboard's Binlog page meanwhile.
  - Let the other member lead, on the Members page.
  - Kill something and look at the Overview; or start the demo with --chaos.

Ctrl-C stops and removes everything.
`;
}
