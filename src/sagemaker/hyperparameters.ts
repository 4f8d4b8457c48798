import { join } from 'node:path';
import { z } from 'zod';
import { parseOptions } from '../base/parseOptions.js';
import { readJobFile } from './readJobFile.js';

const FILE_NAME = 'hyperparameters.json';

/** What `hyperparameters.json` holds: any names, and strings. */
export const hyperparametersSchema = z.record(z.string(), z.string());

/** What Python's `str` makes of the three values that JSON spells otherwise. */
const PYTHON_WORDS = new Map<string, unknown>([
  ['True', true],
  ['False', false],
  ['None', null],
]);

const INTEGER = /^-?\d+$/;

/**
 * Reads `hyperparameters.json` and validates it with the user's own schema.
 *
 * In that file all values are strings, and SageMaker's SDKs write numbers, booleans, lists and even strings as JSON. So a
 * value is what it says in JSON (or in Python); where it says nothing there, or the schema refuses that, it is the string
 * as it stands. `"20"` is thus 20 to `z.number()` and `"20"` to `z.string()`.
 *
 * @throws ConfigError when the file is missing or not of the form that SageMaker writes, or the schema refuses it.
 */
export function readHyperparameters<S extends z.ZodType>(configDir: string, schema: S): z.output<S> {
  const texts = readJobFile(configDir, FILE_NAME, hyperparametersSchema);
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

/** The values, with those of these names as they stand in the file. */
function withTexts(values: Values, texts: Values, names: Iterable<string>): Values {
  const known = [...names].filter((name) => Object.hasOwn(texts, name) && typeof values[name] !== 'string');
  return { ...values, ...Object.fromEntries(known.map((name) => [name, texts[name]])) };
}

function decode(text: string): unknown {
  if (PYTHON_WORDS.has(text)) return PYTHON_WORDS.get(text);
  // Digits that a number cannot hold are left to the schema, such as `z.coerce.bigint()`.
  if (INTEGER.test(text) && !Number.isSafeInteger(Number(text))) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
