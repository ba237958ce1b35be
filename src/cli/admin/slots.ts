import type { Command } from 'commander';
import { group } from './leaf.js';
import { assign, init } from './slots-assign.js';
import { limits } from './slots-limits.js';
import { move, rebalance } from './slots-move.js';
import { find, listSlots } from './slots-show.js';

export function slotsCommand(): Command {
  const commands = [listSlots(), find(), move(), rebalance(), assign(), init(), limits()];
  return group('slots', 'the 1024 slots of the key space', commands, 'list');
}
