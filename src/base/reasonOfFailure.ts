const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EEXIST: 'there is a file of this name',
  EISDIR: 'it is a folder',
  ENOENT: 'it does not exist',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file and not a folder',
  EPIPE: 'the reader has closed the output',
};

/** Removes the period at the end of a message, so that another message can continue it. */
export function withoutPeriod(message: string): string {
  return message.replace(/\.$/, '');
}

/** Returns the system's error in plain words, as the end of a sentence. */
export function reasonOfFailure(cause: unknown): string {
  return REASONS[(cause as NodeJS.ErrnoException).code ?? ''] ?? (cause as Error).message;
}
