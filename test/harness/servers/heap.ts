import { once } from 'node:events';
import { WebSocket } from 'ws';

/** What a process needs in its environment so that its heap can be looked at. */
export function inspectable(port: number): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--inspect=127.0.0.1:${port}` };
}

interface Evaluated {
  readonly result: { readonly result: { readonly value: number } };
}

/** Bytes of the heap that are really in use, after a full collection, of a process started as {@link inspectable}. */
export async function heapInUse(port: number): Promise<number> {
  const [target] = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(target!.webSocketDebuggerUrl);
  await once(socket, 'open');
  const call = async (id: number, method: string, params: object = {}): Promise<Evaluated> => {
    const answer = once(socket, 'message');
    socket.send(JSON.stringify({ id, method, params }));
    return JSON.parse(String((await answer)[0])) as Evaluated;
  };
  await call(1, 'HeapProfiler.collectGarbage');
  const { result } = await call(2, 'Runtime.evaluate', { expression: 'process.memoryUsage().heapUsed' });
  socket.close();
  return result.result.value;
}
