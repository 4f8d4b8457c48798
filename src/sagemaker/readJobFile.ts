import { join } from 'node:path';
import type { z } from 'zod';
import { parseOptions } from '../base/parseOptions.js';
import { readJson } from '../base/readJson.js';

const WRITERS = 'SageMaker and `millrace local` write this file:';
const IN_CODE =
  'run the program under SageMaker or `millrace local`; if the job uses different folders, set baseDir or configDir.';

/**
 * Reads a configuration file of the job. If the file cannot be read, the error message ends with `remedy`.
 *
 * @throws ConfigError if the file is missing, is not JSON, or does not have SageMaker's form.
 */
export function readJobFile<S extends z.ZodType>(
  configDir: string,
  fileName: string,
  schema: S,
  remedy = IN_CODE,
): z.output<S> {
  const path = join(configDir, fileName);
  return parseOptions(path, schema, readJson(path, `${WRITERS} ${remedy}`));
}
