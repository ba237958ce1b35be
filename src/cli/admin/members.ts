import type { Command } from 'commander';
import type { Member } from '../../sdk/index.js';
import { UsageError } from './exit-status.js';
import { bytes } from './format.js';
import { group, idempotencyKeyOption, leaf, option, type Repeatable } from './leaf.js';
import { list } from './parsers.js';
import type { Column } from './table.js';

export const MEMBER_COLUMNS: readonly Column<Member>[] = [
  { head: 'NAME', cell: ({ name }) => name },
  { head: 'ROLE', cell: ({ role }) => role },
  { head: 'LEADER', cell: ({ isLeader }) => isLeader },
  { head: 'STATE', cell: ({ state }) => state },
  { head: 'LAG', cell: ({ lag }) => bytes(lag), right: true },
  { head: 'API', cell: ({ adminUrls }) => adminUrls.join(',') },
  { head: 'PEERS', cell: ({ peerUrls }) => peerUrls.join(',') },
  { head: 'VERSION', cell: ({ version }) => version },
];

interface Urls {
  readonly peerUrl?: readonly string[];
  readonly adminUrl?: readonly string[];
}

export function membersCommand(): Command {
  return group(
    'members',
    'members of the cluster',
    [listMembers(), add(), update(), remove(), transfer()],
    'list',
  );
}

function listMembers(): Command {
  return leaf({
    name: 'list',
    description: 'all members',
    example: 'quorate members --output json',
    run: async ({ client, output, signal }) =>
      output.rows(await client.members({}, { signal }), MEMBER_COLUMNS),
  });
}

function add(): Command {
  return leaf<[string], Urls & Repeatable>({
    name: 'add <name>',
    description: 'name a new member, which may then be started',
    example: 'quorate members add m4 --peer-url http://10.0.0.14:4001',
    options: [
      option(
        '--peer-url <urls>',
        'where other members fetch its journal; several by comma',
        list,
      ).makeOptionMandatory(),
      option('--admin-url <urls>', 'where its API answers; several by comma', list),
      idempotencyKeyOption(),
    ],
    run: async ({ client, options, output, signal }, name) => {
      const { peerUrl = [], adminUrl = [], idempotencyKey } = options;
      const payload = await client.addMember(
        { input: { name, peerUrls: peerUrl, adminUrls: adminUrl, idempotencyKey } },
        { signal },
      );
      output.show(payload, ({ members }) => output.table(members, MEMBER_COLUMNS));
    },
  });
}

function update(): Command {
  return leaf<[string], Urls>({
    name: 'update <name>',
    description: 'change where a member is reached',
    example: 'quorate members update m4 --admin-url http://10.0.0.14:4000',
    options: [
      option('--peer-url <urls>', 'where other members fetch its journal', list).conflicts('adminUrl'),
      option('--admin-url <urls>', 'where its API answers', list),
    ],
    run: async ({ client, options, output, signal }, name) => {
      const { peerUrl, adminUrl } = options;
      if (!peerUrl && !adminUrl) throw new UsageError('Give --peer-url or --admin-url.');
      const payload = peerUrl
        ? await client.updateMember({ input: { name, newPeerUrls: peerUrl } }, { signal })
        : await client.updateAdminUrls({ input: { name, adminUrls: adminUrl ?? [] } }, { signal });
      output.show(payload, ({ members }) => output.table(members, MEMBER_COLUMNS));
    },
  });
}

function remove(): Command {
  return leaf<[string], { force?: boolean }>({
    name: 'remove <name>',
    description: 'take a member out of the cluster',
    example: 'quorate members remove m4',
    options: [option('--force', 'also while another member that votes does not run')],
    asks: true,
    run: async ({ client, options, output, signal, confirm }, name) => {
      await confirm(`This takes member ${name} out of the cluster, and its process ends.`, name);
      const payload = await client.removeMember(
        { input: { name, force: options.force === true } },
        { signal },
      );
      output.show(payload, ({ members }) => output.table(members, MEMBER_COLUMNS));
    },
  });
}

function transfer(): Command {
  return leaf<[], { to?: string }>({
    name: 'transfer-leadership',
    description: 'let another member lead',
    example: 'quorate members transfer-leadership --to m2',
    options: [option('--to <name>', 'who is to lead; any other unless told')],
    run: async ({ client, options, output, signal }) => {
      const payload = await client.transferLeadership({ input: { to: options.to } }, { signal });
      output.show(payload, ({ members }) => output.table(members, MEMBER_COLUMNS));
    },
  });
}
