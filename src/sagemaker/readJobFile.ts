import { join } from 'node:path';
import type { z } from 'zod';
import { parseOptions } from '../base/parseOptions.js';
import { readJson } from '../base/readJson.js';

const REMEDY =
  'SageMaker and `millrace local` write this file: run the program under SageMaker or `millrace local`, or set baseDir or configDir.';

/** @throws ConfigError if the file is missing, is not JSON, or does not have SageMaker's form. */
export function readJobFile<S extends z.ZodType>(configDir: string, fileName: string, schema: S): z.output<S> {
  const path = join(configDir, fileName);
  return parseOptions(path, schema, readJson(path, REMEDY));
}
