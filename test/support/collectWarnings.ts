import { jest } from '@jest/globals';

/** A warning of this package. */
export interface CollectedWarning {
  readonly code: string;
  readonly message: string;
}

/**
 * Returns the warnings of this package during `work`, and prints none.
 *
 * @param withUnclosed - whether to return warnings about iterators that were not closed. They can be about iterators of
 *   other test files, so call `collectLeftovers` before. Default: false.
 */
export async function collectWarnings(
  work: () => Promise<void> | void,
  withUnclosed = false,
): Promise<CollectedWarning[]> {
  const warnings: CollectedWarning[] = [];
  const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation(((
    message: string,
    { type, code }: { type?: string; code?: string },
  ) => {
    if (code === 'MILLRACE_UNCLOSED' && !withUnclosed) return;
    if (type === 'MillraceWarning') warnings.push({ code: code ?? '', message });
  }) as typeof process.emitWarning);
  try {
    await work();
  } finally {
    emitWarning.mockRestore();
  }
  return warnings;
}
