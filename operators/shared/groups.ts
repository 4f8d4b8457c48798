import type { Observable } from 'rxjs';
import { ValueError } from '../../src/base/errors.js';
import { Queue } from '../../src/base/queue.js';
import { boundary } from '../../src/demand/boundary.js';
import type { Announcement } from '../../src/resume/cursor.js';
import { tellStage } from '../../src/resume/pass.js';

export interface GroupsOptions<T, K, R> {
  readonly name: string;
  readonly facts: Announcement;
  readonly keyOf: (item: T) => K;
  /** Returns the size of a full group. Called when a group opens. */
  readonly sizeOf: (key: K) => number;
  readonly dropRemainder: boolean;
  readonly maxOpenGroups?: number;
  readonly make: (items: T[], key: K) => R;
}

interface Group<T, K> {
  readonly key: K;
  readonly size: number;
  readonly items: T[];
}

/** Emits full groups, and at the end, incomplete groups in ascending order of their keys. */
export function groups<T, K extends number | bigint | string, R>(
  source: Observable<T>,
  options: GroupsOptions<T, K, R>,
): Observable<R> {
  const { name, facts, keyOf, sizeOf, dropRemainder, maxOpenGroups = Infinity, make } = options;
  return boundary<T, R>(source, { name }, ({ destination }) => {
    tellStage(destination, name, facts);
    const open = new Map<K, Group<T, K>>();
    const full = new Queue<Group<T, K>>();
    const groupOf = (key: K): Group<T, K> => {
      const found = open.get(key);
      if (found) return found;
      if (open.size === maxOpenGroups) {
        const message = `${name}: there are more than ${maxOpenGroups} incomplete groups. Increase maxOpenGroups, or use a key with fewer values.`;
        throw new ValueError(message, { path: '' });
      }
      const group = { key, size: sizeOf(key), items: [] };
      open.set(key, group);
      return group;
    };
    return {
      receive: (item) => {
        const group = groupOf(keyOf(item));
        group.items.push(item);
        if (group.items.length < group.size) return;
        open.delete(group.key);
        full.push(group);
      },
      hasRoom: () => full.length === 0,
      emit: () => {
        const first = full.shift();
        if (!first) return false;
        destination.next(make(first.items, first.key));
        return true;
      },
      isEmpty: () => full.length === 0,
      sourceEnded: (how) => {
        if (how === 'failed' || dropRemainder) return;
        for (const group of [...open.values()].sort((left, right) => (left.key < right.key ? -1 : 1))) full.push(group);
        open.clear();
      },
      clear: () => {
        open.clear();
        full.clear();
      },
    };
  });
}
