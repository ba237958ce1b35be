import { useEffect, useState } from 'preact/hooks';
import { count, milliseconds, perSecond } from '../../format/numbers.js';
import { clock } from '../../format/time.js';
import { Facts } from '../../parts/facts.js';
import { Failure } from '../../parts/failure.js';
import { Table } from '../../parts/table.js';
import { useApp } from '../../state/context.js';

type Answer = Awaited<ReturnType<ReturnType<typeof useApp>['client']['proxyStatistics']>>;

const SHOWN_COMMANDS = 12;

function errorsOf(answer: Answer): string {
  const rates = answer?.windowed?.errorsPerSecond ?? [];
  return rates.map(({ kind, perSecond: rate }) => `${kind} ${perSecond(rate)}`).join(', ') || 'none';
}

/** What the proxy itself says when it is asked: commands, and requests that took long. */
export function ProxyDetails({ name }: { name: string }) {
  const { client } = useApp();
  const [answer, setAnswer] = useState<Answer>(null);
  const [error, setError] = useState<unknown>(null);
  const ask = (): void => {
    setError(null);
    client.proxyStatistics({ name }).then(setAnswer, setError);
  };
  useEffect(ask, [name]);
  const statistics = answer?.statistics;
  return (
    <section class="card" aria-label={`Proxy ${name}`}>
      <header>
        <h3>Proxy {name}</h3>
        <div class="tools">
          <button type="button" class="small" onClick={ask}>
            Ask again
          </button>
        </div>
      </header>
      {error !== null && <Failure error={error} />}
      {answer && !statistics && <p class="empty">It does not answer.</p>}
      {statistics && (
        <>
          <Facts
            of={{
              'Errors of the last ten seconds': errorsOf(answer),
              'Clients so far': count(statistics.sessionsTotal),
              'Turned away': count(statistics.sessionsRefused),
              'Waiting for a change': statistics.heldSessions,
              'Waiting for a server': statistics.inFlight,
              'Connections to servers': statistics.serverConnections,
              'Errors of its own': count(statistics.proxyErrors),
              'Errors of servers': count(statistics.serverErrors),
              Commands: statistics.commands
                .slice(0, SHOWN_COMMANDS)
                .map((command) => `${command.name} ${count(command.calls)}`)
                .join(', '),
            }}
          />
          <Table
            label="Slow requests"
            rows={statistics.slowLog}
            keyOf={({ id }) => `slow/${id}`}
            empty="No request took long."
            columns={[
              { title: 'At', show: ({ at }) => clock(at) },
              { title: 'Took', isNumber: true, show: ({ durationMs }) => milliseconds(durationMs) },
              { title: 'Command', show: ({ command }) => <code>{command}</code> },
              { title: 'Key', show: ({ key }) => <code>{key ?? '–'}</code> },
              { title: 'Server', show: ({ server }) => server },
              { title: 'Failed', show: ({ failed }) => (failed ? 'yes' : 'no') },
            ]}
          />
        </>
      )}
    </section>
  );
}
