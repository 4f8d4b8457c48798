import { inspect, styleText } from 'node:util';
import { FormatError, MillraceError, type MillraceErrorCode } from '../base/errors.js';
import { printable } from '../base/printable.js';

/** The messages of these errors contain the messages of their causes. */
const SAYS_ITS_CAUSE: ReadonlySet<MillraceErrorCode> = new Set(['ERR_CONFIG', 'ERR_OUTPUT', 'ERR_PLATFORM']);

const MAX_CAUSES = 8;

export interface ErrorFlags {
  readonly json?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}

/** Writes an error to standard error, as text or as one line of JSON. */
export function reportError(error: unknown, { json, verbose }: ErrorFlags): void {
  const stack = verbose && error instanceof Error ? (error.stack ?? '') : undefined;
  const messages = messagesOf(error);
  if (json) process.stderr.write(`${JSON.stringify({ ...fieldsOf(error, messages), stack })}\n`);
  else process.stderr.write(`${errorPrefix()} ${printable(stack ?? messages.join('\n  caused by: '))}\n`);
}

/** Returns the prefix of errors, which is red on a terminal. `NO_COLOR` and `FORCE_COLOR` have priority. */
export function errorPrefix(): string {
  return styleText('red', 'millrace:', { stream: process.stderr });
}

/** Other errors may contain whole responses of a server, so only their code and message are reported. */
function fieldsOf(error: unknown, [message, ...causes]: readonly string[]): object {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  const fields =
    error instanceof MillraceError
      ? { ...Object.fromEntries(Object.entries(error)), name: undefined, reason: undefined }
      : undefined;
  return { code: typeof code === 'string' ? code : null, message, ...fields, causes };
}

/** Omits a cause if an earlier message contains it. */
function messagesOf(error: unknown): string[] {
  const messages: string[] = [];
  let at = error;
  // Causes may be circular.
  for (let depth = 0; depth < MAX_CAUSES && at !== undefined; depth++) {
    const { message, cause } = at instanceof Error ? at : new Error(inspect(at));
    const reason = at instanceof FormatError ? at.reason : message;
    if (!messages.some((earlier) => earlier.includes(reason))) messages.push(message);
    at = at instanceof MillraceError && SAYS_ITS_CAUSE.has(at.code) ? undefined : cause;
  }
  return messages;
}
