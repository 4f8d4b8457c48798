import { inspect } from 'node:util';

const MAX_CHARACTERS = 1024;

/** Causes may be circular. */
const MAX_CAUSES = 8;

/**
 * Returns the error and its causes, one on each line, truncated to SageMaker's limit.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-signal-success-failure.html
 */
export function failureText(error: unknown): string {
  const lines: string[] = [];
  for (let at: unknown = error, i = 0; i < MAX_CAUSES && (i === 0 || at !== undefined); i++) {
    lines.push(`${i === 0 ? '' : 'Caused by '}${nameAndMessage(at)}`);
    at = (at as { readonly cause?: unknown } | null | undefined)?.cause;
  }
  const text = lines.join('\n');
  // Cuts between characters, not between UTF-16 units.
  return text.length <= MAX_CHARACTERS ? text : Array.from(text).slice(0, MAX_CHARACTERS).join('');
}

function nameAndMessage(error: unknown): string {
  return error instanceof Error || typeof error === 'string' ? String(error) : inspect(error);
}
