import { jest } from '@jest/globals';

/** A warning of this package. */
export interface CollectedWarning {
  readonly code: string;
  readonly message: string;
}

/**
 * Returns the warnings of this package during `work`. Intercepts `emitWarning`, because the `process` in Jest's sandbox
 * emits no `'warning'`.
 */
export async function collectWarnings(work: () => Promise<void> | void): Promise<CollectedWarning[]> {
  const warnings: CollectedWarning[] = [];
  const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation(((
    message: string,
    { type, code }: { type?: string; code?: string },
  ) => {
    if (type === 'MillraceWarning') warnings.push({ code: code ?? '', message });
  }) as typeof process.emitWarning);
  try {
    await work();
  } finally {
    emitWarning.mockRestore();
  }
  return warnings;
}
