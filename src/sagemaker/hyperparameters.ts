import { join } from 'node:path';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { parseOptions } from '../base/parseOptions.js';
import { readJobFile } from './readJobFile.js';

const FILE_NAME = 'hyperparameters.json';

export const hyperparametersSchema = lazy(() => z.record(z.string(), z.string()));

/** The values that Python's `str` writes differently from JSON. */
const PYTHON_WORDS = new Map<string, unknown>([
  ['True', true],
  ['False', false],
  ['None', null],
]);

const INTEGER = /^-?\d+$/;

/**
 * SageMaker's SDKs write numbers, booleans, lists and even strings as JSON texts. So each value is parsed as JSON, or
 * as Python's `True`, `False` or `None`.
 *
 * @throws ConfigError if the file is missing, does not have SageMaker's form, or does not match the schema.
 */
export function readHyperparameters<S extends z.ZodType>(configDir: string, schema: S): z.output<S> {
  const texts = readJobFile(configDir, FILE_NAME, hyperparametersSchema());
  const values = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, decode(text)]));
  const refused = refusedBy(schema, values);
  const stillRefused = refusedBy(schema, withTexts(values, texts, refused));
  const wantedAsText = [...refused].filter((name) => !stillRefused.has(name));
  return parseOptions(join(configDir, FILE_NAME), schema, withTexts(values, texts, wantedAsText));
}

type Values = Readonly<Record<string, unknown>>;

function refusedBy(schema: z.ZodType, values: Values): Set<string> {
  const { error } = schema.safeParse(values);
  return new Set((error?.issues ?? []).flatMap(({ path: [name] }) => (name === undefined ? [] : [String(name)])));
}

function withTexts(values: Values, texts: Values, names: Iterable<string>): Values {
  const known = [...names].filter((name) => Object.hasOwn(texts, name) && typeof values[name] !== 'string');
  return { ...values, ...Object.fromEntries(known.map((name) => [name, texts[name]])) };
}

function decode(text: string): unknown {
  if (PYTHON_WORDS.has(text)) return PYTHON_WORDS.get(text);
  if (INTEGER.test(text) && !Number.isSafeInteger(Number(text))) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
