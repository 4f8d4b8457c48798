import { warn } from './warn.js';

/**
 * The number of the protocol between copies of this package in one process. Increase it if you change a class that
 * copies pass to each other (`Gate`, `StageProbe`, `Pass` and its `Ledger`), or the state that they share.
 */
export const PROTOCOL = 1;

/** The protocols of all copies in this process. */
const PROTOCOLS = Symbol.for('millrace.protocols');

/**
 * Returns state that all copies of this package in the process share. A source of one copy must obey the gate of
 * another.
 *
 * @param create - called once, by the first copy.
 */
export function shared<T extends object>(name: string, create: () => T): T {
  joinCopies();
  return sharedUnder(Symbol.for(`millrace.${name}@${PROTOCOL}`), create);
}

function sharedUnder<T extends object>(key: symbol, create: () => T): T {
  const registry = globalThis as unknown as Record<symbol, T | undefined>;
  // Sealed, because Jest replaces the properties of objects on globalThis when a test file ends. Code that still runs
  // would then fail.
  return (registry[key] ??= Object.seal(create()));
}

function joinCopies(): void {
  const protocols = sharedUnder(PROTOCOLS, () => new Set<number>());
  if (protocols.has(PROTOCOL)) return;
  protocols.add(PROTOCOL);
  if (protocols.size === 1) return;
  warn(
    'MILLRACE_COPIES',
    'Two versions of millrace that cannot share demand are loaded in this process: where a pipeline mixes them, items pile ' +
      'up in memory and a cursor of resumable misses items. Find the copies with `npm ls millrace`, and have all packages ' +
      'depend on one version.',
  );
}
