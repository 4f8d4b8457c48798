export function reasonOfFailure(cause: Error): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full',
    EPIPE: 'the reader has closed the output',
    EACCES: 'permission denied',
  };
  return reasons[(cause as NodeJS.ErrnoException).code ?? ''] ?? cause.message;
}
