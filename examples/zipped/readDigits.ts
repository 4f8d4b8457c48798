import { fileURLToPath } from 'node:url';
import { recordsFromFiles } from 'millrace';
import type { ParsedSingleExample } from 'millrace/formats';
import { parseSingleExample } from 'millrace/operators';
import type { Observable } from 'rxjs';
import { DIGIT_FEATURES } from '../sagemaker/digitsModel.js';

export const PARTS = ['train', 'validation'] as const;

/** A scan, `image` of shape `[64]`, and its digit, `label` of shape `[]`. */
export type Digit = ParsedSingleExample<typeof DIGIT_FEATURES>;

/** Reads the digits of one part in the order of the file. */
export function readDigits(part: (typeof PARTS)[number]): Observable<Digit> {
  const folder = fileURLToPath(new URL(`../digits/data/${part}`, import.meta.url));
  return recordsFromFiles(folder, { recordFormat: 'TFRecord' }).pipe(parseSingleExample(DIGIT_FEATURES));
}
