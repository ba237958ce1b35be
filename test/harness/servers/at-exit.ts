const tasks = new Set<() => void>();

function runTasks(): void {
  for (const task of tasks) task();
  tasks.clear();
}

process.once('exit', runTasks);
// The test runner ends its workers by SIGTERM, at which Node.js emits no 'exit'.
const onSignals = [
  ['SIGTERM', () => endBySignal(15)],
  ['SIGINT', () => endBySignal(2)],
] as const;
for (const [signal, handler] of onSignals) process.once(signal, handler);

function endBySignal(number: number): void {
  runTasks();
  process.exit(128 + number);
}

/** For a program that ends in its own way when it is signalled: from now on signals do not end this process. */
export function leaveSignalsToProgram(): void {
  for (const [signal, handler] of onSignals) process.off(signal, handler);
}

/** Runs the (synchronous) task when this process ends, unless it is killed outright. */
export function atExit(task: () => void): void {
  tasks.add(task);
}
