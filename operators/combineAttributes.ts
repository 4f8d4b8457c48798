import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { FormatError, type FormatErrorKind } from '../src/base/errors.js';
import { operate } from '../src/demand/operate.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { requireBytes } from '../src/base/requireBytes.js';
import { tellStage } from '../src/resume/pass.js';
import { placeInFile } from './shared/placeInFile.js';

/** The type of an attribute: `bytes` (unchanged), `text` (decoded from UTF-8) or `json` (parsed). */
export type AttributeKind = 'bytes' | 'text' | 'json';

/**
 * Describes the attributes of a manifest line: by their number, by an array of their names, or by an object of names and
 * types. The order is that of the channel's `AttributeNames`. Without types, attributes are bytes.
 */
export type Attributes = number | readonly string[] | Readonly<Record<string, AttributeKind>>;

interface AttributeValues {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly json: unknown;
}

type Bytes<N extends number, R extends Uint8Array[] = []> = number extends N
  ? Uint8Array[]
  : R['length'] extends N
    ? R
    : Bytes<N, [...R, Uint8Array]>;

/** The attributes of a line: a tuple if {@link Attributes} is a number, otherwise an object. */
export type CombinedAttributes<A extends Attributes> = A extends number
  ? Bytes<A>
  : A extends readonly string[]
    ? Record<A[number], Uint8Array>
    : { -readonly [K in keyof A]: A[K] extends AttributeKind ? AttributeValues[A[K]] : never };

const nameSchema = lazy(() => z.string().min(1));
const countSchema = lazy(() => z.int().positive());
const namesSchema = lazy(() =>
  z
    .array(nameSchema())
    .min(1)
    .refine((names) => new Set(names).size === names.length, 'expected unique names, found the same name twice'),
);
const kindsSchema = lazy(() =>
  z
    .record(nameSchema(), z.enum(['bytes', 'text', 'json']))
    .refine((kinds) => Object.keys(kinds).length > 0, 'expected at least one attribute')
    .refine(
      (kinds) => !Object.keys(kinds).some((name) => /^\d+$/.test(name)),
      'expected names that are not integers, because JavaScript sorts integer keys: instead of an object, use an ' +
        'array of names',
    ),
);

export const combineAttributesSchema = lazy(() =>
  z.strictObject({
    attributes: z
      .union([countSchema(), namesSchema(), kindsSchema()], {
        error:
          'expected the number of attributes, an array of their names, or an object of names with "bytes", "text" or "json"',
      })
      .describe(
        'The number of attributes of a line, an array of their names, or an object of names and types. The order must be the order of AttributeNames.',
      ),
  }),
);

/**
 * Combines the attributes of each line of an augmented manifest into one item, because the channel delivers one record
 * for each attribute.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { combineAttributes, decodeRecordIO } from 'millrace/operators';
 *
 * const examples$ = channel('train').pipe(
 *   decodeRecordIO(),
 *   combineAttributes({ 'image-ref': 'bytes', label: 'json', note: 'text' }),
 * ); // { 'image-ref': Uint8Array, label: unknown, note: string }
 * ```
 *
 * Bytes are not copied. Memory: the records of one line.
 *
 * Fails with a FormatError that names the attribute: `truncated` if the source completes within a line, `malformed` if
 * an attribute is not valid UTF-8 or JSON. `recordIndex` counts lines. `byteOffset` counts the bytes of all records
 * before this line.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/augmented-manifest.html
 */
export function combineAttributes<const A extends Attributes>(
  attributes: A,
): OperatorFunction<Uint8Array, CombinedAttributes<A>> {
  const columns = columnsOf(attributes);
  const isTuple = typeof attributes === 'number';
  return (source) =>
    operate<Uint8Array, CombinedAttributes<A>>(source, (destination) => {
      tellStage(destination, 'combineAttributes', { attributes });
      let values: unknown[] = [];
      let firstOfLine: Uint8Array | undefined;
      let recordIndex = 0;
      let byteOffset = 0;
      let gatheredBytes = 0;

      const failure = (kind: FormatErrorKind, message: string, cause?: unknown): FormatError =>
        new FormatError(message, { kind, format: 'augmented manifest', byteOffset, recordIndex, cause });

      const valueOf = ({ label, kind }: AttributeColumn, record: Uint8Array): unknown => {
        try {
          return kind === 'bytes' ? record : decodeText(record, kind);
        } catch (cause) {
          const message = `${label} is not ${kind === 'json' ? 'JSON' : 'UTF-8 text'}`;
          throw placeInFile(failure('malformed', message, cause), record, `line ${recordIndex + 1} of the manifest`);
        }
      };

      return {
        holds: 'combineAttributes',
        next: (record) => {
          requireBytes('combineAttributes', record, RECORD);
          if (values.length === 0) firstOfLine = record;
          values.push(valueOf(columns[values.length] as AttributeColumn, record));
          gatheredBytes += record.byteLength;
          if (values.length < columns.length) return;
          const line = isTuple ? values : Object.fromEntries(columns.map(({ name }, index) => [name, values[index]]));
          values = [];
          recordIndex++;
          byteOffset += gatheredBytes;
          gatheredBytes = 0;
          destination.next(line as CombinedAttributes<A>);
        },
        complete: () => {
          const missing = columns[values.length];
          if (values.length === 0 || !missing) destination.complete();
          else {
            const error = failure('truncated', endedBefore(missing, values.length, columns.length));
            destination.error(placeInFile(error, firstOfLine, `line ${recordIndex + 1} of the manifest`));
          }
        },
      };
    });
}

const RECORD = { path: 'record' };

interface AttributeColumn {
  readonly name: string;
  readonly label: string;
  readonly kind: AttributeKind;
}

function columnsOf(attributes: Attributes): readonly AttributeColumn[] {
  if (typeof attributes === 'number') {
    const count = parseOptions('combineAttributes', countSchema(), attributes);
    return Array.from({ length: count }, (_, index) => ({
      name: String(index),
      label: `attribute ${index}`,
      kind: 'bytes',
    }));
  }
  const kinds: [string, AttributeKind][] = Array.isArray(attributes)
    ? parseOptions('combineAttributes', namesSchema(), attributes).map((name) => [name, 'bytes'])
    : Object.entries(parseOptions('combineAttributes', kindsSchema(), attributes));
  return kinds.map(([name, kind]) => ({ name, label: `attribute ${JSON.stringify(name)}`, kind }));
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeText(record: Uint8Array, kind: 'text' | 'json'): unknown {
  const text = decoder.decode(record);
  return kind === 'json' ? (JSON.parse(text) as unknown) : text;
}

function endedBefore({ label }: AttributeColumn, found: number, count: number): string {
  return (
    `the channel ends before ${label}: the last line has only ${found} of ${count} records. ` +
    'Pass all AttributeNames of the channel to combineAttributes, in the same order'
  );
}
