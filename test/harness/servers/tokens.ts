import { launchQuorate } from './quorate.js';

export type Role = 'VIEWER' | 'OPERATOR' | 'ADMIN';

/** Adds a token to the file, as an operator would, and answers with it. */
export async function makeToken(file: string, role: Role, name: string = role): Promise<string> {
  const made = launchQuorate(['token', 'create', '--name', name, '--role', role, '--tokens', file]);
  await made.exited;
  return /qt_\S+/.exec(made.output)![0];
}
