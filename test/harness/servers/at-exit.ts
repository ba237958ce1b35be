const tasks = new Set<() => void>();

function runTasks(): void {
  for (const task of tasks) task();
  tasks.clear();
}

process.once('exit', runTasks);
// The test runner ends its workers by SIGTERM, at which Node.js emits no 'exit'.
for (const [signal, number] of [
  ['SIGTERM', 15],
  ['SIGINT', 2],
] as const) {
  process.once(signal, () => {
    runTasks();
    process.exit(128 + number);
  });
}

/** Runs the (synchronous) task when this process ends, unless it is killed outright. */
export function atExit(task: () => void): void {
  tasks.add(task);
}
