import { MillraceError } from '../../base/errors.js';

export interface InvalidItem {
  readonly name: string;
  readonly index: number;
  readonly host: string;
  /** If missing, the message says that the bytes cannot be read as an item. */
  readonly cause?: unknown;
}

/** Returns the error for a helper's answer that is not an item. */
export function invalidItem({ name, index, host, cause }: InvalidItem): MillraceError {
  const found = cause === undefined ? 'bytes that this Node.js cannot read as an item' : (cause as Error).message;
  const message = `${name}: splits[${index}]: the helper ${host} has sent ${found}. Use the same versions of millrace and Node.js on all machines.`;
  return new MillraceError(message, { code: 'ERR_WORKER', cause });
}
