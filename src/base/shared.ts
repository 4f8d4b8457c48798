import { warn } from './warn.js';

/**
 * The version of the protocol between copies of this package. Increase this version after a change of the shared state,
 * or of the classes of shared objects: `Gate`, `StageProbe`, `Pass`, `Ledger` and `Mark`.
 */
export const PROTOCOL = 1;

const PROTOCOLS = Symbol.for('millrace.protocols');

/**
 * Returns state that all copies of this package in the process share. For example, a source must obey the gate of
 * another copy.
 */
export function shared<T extends object>(name: string, create: () => T): T {
  joinCopies();
  return sharedUnder(Symbol.for(`millrace.${name}@${PROTOCOL}`), create);
}

function sharedUnder<T extends object>(key: symbol, create: () => T): T {
  const registry = globalThis as unknown as Record<symbol, T | undefined>;
  // Sealed, because Jest replaces properties of objects on globalThis after a test file, while code may still run.
  return (registry[key] ??= Object.seal(create()));
}

function joinCopies(): void {
  const protocols = sharedUnder(PROTOCOLS, () => new Set<number>());
  if (protocols.has(PROTOCOL)) return;
  protocols.add(PROTOCOL);
  if (protocols.size === 1) return;
  warn(
    'MILLRACE_COPIES',
    'This process has loaded two versions of millrace that cannot work together. If a pipeline mixes the ' +
      'versions, its memory can grow without limit, and a cursor of resumable() can be wrong. List the versions with ' +
      '`npm ls millrace`, and make all packages depend on one version.',
  );
}
