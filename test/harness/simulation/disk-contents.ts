import type { Random } from '../random.js';
import { SimulatedInode } from './simulated-inode.js';

/** A change of names that a crash may undo. */
type NameChange = { readonly name: string; readonly inode: SimulatedInode | null };

/** What is on the disk of one machine, and what only its memory knows of. Lives longer than the machine's processes. */
export class DiskContents {
  /** With nothing left, writes fail. */
  isFull = false;
  private names = new Map<string, SimulatedInode>();
  private durableNames = new Map<string, SimulatedInode>();
  /** Since the last sync of the directory, in order; those of one rename are one. */
  private changes: NameChange[][] = [];

  /** Whether a crash could undo something. */
  get isDirty(): boolean {
    if (this.changes.length > 0) return true;
    for (const inode of this.names.values()) if (inode.isDirty) return true;
    return false;
  }

  find(path: string): SimulatedInode | undefined {
    return this.names.get(path);
  }

  paths(): string[] {
    return [...this.names.keys()];
  }

  /** The file as it would be after a crash that loses all it can. */
  durable(path: string): Buffer | undefined {
    return this.durableNames.get(path)?.durable;
  }

  durablePaths(): string[] {
    return [...this.durableNames.keys()];
  }

  create(path: string): SimulatedInode {
    const inode = new SimulatedInode();
    this.change([{ name: path, inode }]);
    return inode;
  }

  remove(path: string): void {
    this.change([{ name: path, inode: null }]);
  }

  rename(from: string, to: string): void {
    const inode = this.names.get(from)!;
    this.change([
      { name: from, inode: null },
      { name: to, inode },
    ]);
  }

  syncNames(): void {
    for (const changes of this.changes.splice(0)) apply(this.durableNames, changes);
  }

  /** The machine goes down: of what was not synced, chance decides what is left. */
  crash(random: Random): void {
    const kept = random.pick([0, 0, this.changes.length, random.below(this.changes.length + 1)]);
    for (const changes of this.changes.slice(0, kept)) apply(this.durableNames, changes);
    this.changes = [];
    for (const inode of new Set([...this.durableNames.values(), ...this.names.values()])) inode.crash(random);
    this.names = new Map(this.durableNames);
  }

  /** A new disk in its place. */
  wipe(): void {
    this.names = new Map();
    this.durableNames = new Map();
    this.changes = [];
  }

  private change(changes: NameChange[]): void {
    apply(this.names, changes);
    this.changes.push(changes);
  }
}

function apply(names: Map<string, SimulatedInode>, changes: readonly NameChange[]): void {
  for (const { name, inode } of changes) {
    if (inode) names.set(name, inode);
    else names.delete(name);
  }
}
