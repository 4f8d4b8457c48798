import { inspect } from 'node:util';
import { z } from 'zod';

/** What SageMaker keeps of a failure. */
const MAX_CHARACTERS = 1024;

/** How deep causes are followed: some lead back to themselves. */
const MAX_CAUSES = 8;

/**
 * What is written to `output/failure`: the error, and below it its causes, each on a line, cut to 1,024 characters.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-signal-success-failure.html
 */
export function failureText(error: unknown): string {
  const lines: string[] = [];
  for (let at: unknown = error, i = 0; i < MAX_CAUSES && (i === 0 || at !== undefined); i++) {
    // A ConfigError has said in plain words what zod says in JSON.
    if (at instanceof z.core.$ZodError && i > 0) break;
    lines.push(`${i === 0 ? '' : 'Caused by '}${nameAndMessage(at)}`);
    at = (at as { readonly cause?: unknown } | null | undefined)?.cause;
  }
  const text = lines.join('\n');
  // By characters, not by UTF-16 units, or one might be cut in two.
  return text.length <= MAX_CHARACTERS ? text : Array.from(text).slice(0, MAX_CHARACTERS).join('');
}

function nameAndMessage(error: unknown): string {
  return error instanceof Error || typeof error === 'string' ? String(error) : inspect(error);
}
