import type { z } from 'zod';
import { describeIssue } from '../../base/describeIssue.js';
import { formatPath } from '../../base/formatPath.js';
import type { JsonRecord } from './jsonRecord.js';

/** @throws FormatError with the paths in the value if the value does not fit the schema. */
export function fitToSchema<S extends z.ZodType>(record: JsonRecord, schema: S): z.output<S> {
  const value = record.parse();
  let result: z.ZodSafeParseResult<z.output<S>>;
  try {
    result = schema.safeParse(value, { reportInput: true });
  } catch (cause) {
    // A recursive schema exhausts the stack.
    if (cause instanceof RangeError) record.fail('the value is nested too deeply for the schema', 0, cause);
    throw cause;
  }
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap((issue) => describeIssue(issue, { subject: 'decodeJson' }));
  const texts = issues.map(({ path, message }) => (path.length === 0 ? message : `${formatPath(path)}: ${message}`));
  const more = texts.splice(SHOWN_ISSUES).length;
  return record.fail(texts.join('; ') + (more > 0 ? `; and ${more} more` : ''));
}

const SHOWN_ISSUES = 3;
