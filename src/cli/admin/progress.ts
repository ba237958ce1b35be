import type { Operation, QuorateClient } from '../../sdk/index.js';
import { FailedError, InterruptedError } from './exit-status.js';
import { duration } from './format.js';
import type { Output } from './output.js';

/** How often a line is written where there is no terminal, in milliseconds. */
const LINE_MS = 5_000;

interface Display {
  show(operation: Operation): void;
  stop(): void;
}

/**
 * Follows an operation until it has ended, or stands still until somebody does something. Throws when it has not
 * succeeded, or when the signal says that nobody wants to wait; the operation goes on then.
 */
export async function followOperation(
  client: QuorateClient,
  { id, title }: Pick<Operation, 'id' | 'title'>,
  output: Output,
  signal: AbortSignal,
): Promise<Operation> {
  const display = process.stderr.isTTY ? await bar(title) : lines(output);
  try {
    for await (const operation of client.watchOperations({ id }, { signal })) {
      display.show(operation);
      if (isAtRest(operation)) return succeeded(operation);
    }
    throw new FailedError(`Nothing more is told of operation ${id}.`);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new InterruptedError(`"${title}" goes on. Follow it: quorate operations wait ${id}`);
  } finally {
    display.stop();
  }
}

function isAtRest({ state }: Operation): boolean {
  return ['SUCCEEDED', 'FAILED', 'CANCELLED', 'PAUSED'].includes(state);
}

function succeeded(operation: Operation): Operation {
  const { id, state, title, error } = operation;
  if (state === 'SUCCEEDED') return operation;
  const next = state === 'PAUSED' ? ` Go on with: quorate operations resume ${id}` : '';
  throw new FailedError(`"${title}" is ${state}${error === null ? '.' : `: ${error}`}${next}`);
}

async function bar(title: string): Promise<Display> {
  const { SingleBar, Presets } = (await import('cli-progress')).default;
  const made = new SingleBar(
    {
      format: '{bar} {percentage}% {done} {unit}{rate}{eta}  {title}',
      stream: process.stderr,
      hideCursor: true,
      gracefulExit: false,
      barsize: 30,
    },
    process.env['NO_COLOR'] ? Presets.legacy : Presets.shades_classic,
  );
  made.start(1, 0, { title, done: '', unit: '', rate: '', eta: '' });
  return {
    show: (operation) => {
      const { done, total, unit, rate, etaSeconds } = operation;
      made.setTotal(Math.max(1, Number(total ?? done)));
      made.update(operation.state === 'SUCCEEDED' ? Math.max(1, Number(total ?? done)) : Number(done), {
        done: total === null ? done : `${done}/${total}`,
        unit,
        rate: rate === null ? '' : `, ${Math.round(rate)}/s`,
        eta: etaSeconds === null ? '' : `, ${duration(etaSeconds)} left`,
      });
    },
    stop: () => made.stop(),
  };
}

function lines(output: Output): Display {
  let written = -Infinity;
  let state = '';
  return {
    show: (operation) => {
      if (operation.state === state && performance.now() - written < LINE_MS) return;
      written = performance.now();
      state = operation.state;
      const { done, total, unit, title } = operation;
      output.say(`${state} ${done}/${total ?? '?'} ${unit}  ${title}`);
    },
    stop: () => undefined,
  };
}
