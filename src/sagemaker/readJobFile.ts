import { join } from 'node:path';
import type { z } from 'zod';
import { parseOptions } from '../base/parseOptions.js';
import { readJson } from '../base/readJson.js';

const REMEDY =
  'It is written by SageMaker, or by `millrace local`: run under one of them, or set baseDir or configDir.';

/**
 * Reads and validates one of the JSON files that SageMaker writes into `input/config`.
 *
 * @throws ConfigError when it is missing, not JSON or not of the form that SageMaker writes.
 */
export function readJobFile<S extends z.ZodType>(configDir: string, fileName: string, schema: S): z.output<S> {
  const path = join(configDir, fileName);
  return parseOptions(path, schema, readJson(path, REMEDY));
}
