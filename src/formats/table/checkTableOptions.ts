import { ConfigError } from '../../base/errors.js';
import { nearestName } from '../../base/nearestName.js';
import { quote, quoteNames } from '../../base/showValue.js';
import type { CheckedTableOptions } from './tableOptions.js';

/** Each number of a table needs 8 bytes while the table is read. */
const MAX_VALUES = 2 ** 28;

/**
 * Checks the options that a header cannot change.
 *
 * @throws ConfigError if options contradict each other.
 */
export function checkTableOptions(options: CheckedTableOptions): void {
  const { select, columnNames, columns, label, batchSize } = options;
  requireSize((select ?? columnNames)?.length ?? 1, batchSize);
  const names = columnNames ?? select ?? [];
  if (label !== undefined && names.length === 1 && names[0] === label) {
    const path = columnNames ? 'columnNames' : 'select';
    fail(path, `expected at least one column in addition to the label ${quote(label)}`);
  }
  if (!columnNames) return;
  const known = new Set(columnNames);
  const given = { select: select ?? [], columns: Object.keys(columns), label: label === undefined ? [] : [label] };
  for (const [path, wanted] of Object.entries(given)) {
    const unknown = wanted.find((name) => !known.has(name));
    if (unknown === undefined) continue;
    const near = nearestName(unknown, columnNames);
    const remedy = near === undefined ? `found ${quoteNames(columnNames)}` : `did you mean ${quote(near)}?`;
    fail(path, `columnNames does not contain ${quote(unknown)}: ${remedy}`);
  }
}

/** @throws ConfigError if the table has too many values. */
export function requireSize(columns: number, batchSize: number): void {
  const most = Math.floor(MAX_VALUES / columns);
  if (batchSize <= most) return;
  const count = `${columns} ${columns === 1 ? 'column' : 'columns'}`;
  fail('batchSize', `expected at most ${most} rows for ${count}, found ${batchSize}`);
}

function fail(path: string, message: string): never {
  throw new ConfigError(`decodeTable: ${path}: ${message}`, { path });
}
