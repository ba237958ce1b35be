import { spawnSync } from 'node:child_process';
import type { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { completionScript } from '../../../src/cli/admin/completion.js';
import { programFor, wholeProgram, withDescendants } from '../../../src/cli/program.js';

const ADMIN = [
  'status',
  'members',
  'syncer',
  'binlog-servers',
  'slaves',
  'groups',
  'slots',
  'proxies',
  'operations',
  'actions',
  'watch',
];
let program: Command;

// It takes in all of the service's code, which is compiled on the way.
beforeAll(async () => {
  program = await wholeProgram();
}, 60_000);

const child = (parent: Command, name: string): Command =>
  parent.commands.find((command) => command.name() === name)!;

describe('the program', () => {
  test('tells of commands that it has not loaded what they tell of themselves', async () => {
    const light = await programFor([]);
    const told = ({ commands }: Command) =>
      commands.map((command) => [command.name(), command.description()]);
    expect(told(light)).toEqual(told(program));
  });

  test('loads the command that is named, also for its help', async () => {
    for (const args of [
      ['slots', 'list'],
      ['help', 'slots'],
    ]) {
      expect(child(await programFor(args), 'slots').commands.length).toBeGreaterThan(0);
    }
  });

  test('has an example in the help of every command that asks the service', () => {
    for (const name of ADMIN) {
      for (const command of withDescendants(child(program, name))) {
        if (command.commands.length > 0) continue;
        let help = '';
        command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
        expect(help, name).toMatch(/Example:\n {2}quorate /);
      }
    }
  });

  test('takes no password and no token as an argument of those commands', () => {
    for (const name of ADMIN) {
      for (const { options } of withDescendants(child(program, name))) {
        for (const { long } of options) expect(long).not.toMatch(/^--(password|token|secret)$/);
      }
    }
  });
});

describe('completion', () => {
  const complete = (line: string): string[] => {
    const script = `${completionScript(program, 'bash')}
COMP_WORDS=(${line}${line.endsWith(' ') ? " ''" : ''}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _quorate; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim().split('\n');
  };

  test('knows commands, commands of commands and options', () => {
    expect(complete('quorate sl')).toEqual(['slaves', 'slots']);
    expect(complete('quorate slots re')).toEqual(['rebalance']);
    expect(complete('quorate slots move 0-5 --to')).toEqual(['--to', '--token-file'].slice(0, 2));
    expect(complete('quorate --url x groups remove-server --f')).toEqual(['--force']);
  });

  test('knows the words that an option or an argument takes', () => {
    expect(complete('quorate groups list --output ')).toEqual(['table', 'json']);
    expect(complete('quorate slots assign 0-5 --keys-at-target d')).toEqual(['discard']);
    expect(complete('quorate completion f')).toEqual(['fish']);
  });

  test.each(['bash', 'zsh', 'fish'] as const)('for %s names every command', (shell) => {
    const script = completionScript(program, shell);
    for (const command of program.commands) expect(script).toContain(`quorate ${command.name()}`);
  });
});
