import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { uncheckedArray } from '../../arrays/ndarray.js';
import { FormatError } from '../../base/errors.js';
import { parseOptions, positiveInteger } from '../../base/parseOptions.js';
import { requireBatch, requireRecord } from '../../base/requireBytes.js';
import { forEachMessage } from '../protobuf/forEachMessage.js';
import { requireFeatures } from '../protobuf/requireFeatures.js';
import { WireReader } from '../protobuf/wireReader.js';
import { batchOfParts } from './batchOfSteps.js';
import type { ColumnValue } from './column.js';
import { exampleParserOf } from './exampleParser.js';
import { featuresSchema } from './featureSchema.js';
import type { ExampleListFeatures, ParsedExampleList, ParsedExampleLists } from './parsedExampleLists.js';

/*
 *   message ExampleListWithContext { repeated Example examples = 1; Example context = 2; }
 *
 * https://github.com/tensorflow/serving/blob/master/tensorflow_serving/apis/input.proto
 */
const EXAMPLES = 1;
const CONTEXT = 2;

/** A parser of `ExampleListWithContext`s. Its methods throw a FormatError with the example and the feature. */
export interface ExampleListParser<F extends ExampleListFeatures> {
  /** Parses one record. The arrays have no batch axis. */
  parseSingle(record: Uint8Array, recordIndex?: number): ParsedExampleList<F>;
  /** `firstRecordIndex` is the record index of the first record in errors. Default: 0. */
  parseBatch(records: readonly Uint8Array[], firstRecordIndex?: number): ParsedExampleLists<F>;
}

/** An Example in its record. */
interface Member {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly byteOffset: number;
  readonly recordIndex: number;
}

class ListWireReader extends WireReader {
  override readonly format = 'ExampleListWithContext';
  override expected = 'ExampleListWithContext';
}

const argumentsSchema = lazy(() =>
  z.strictObject({
    context: featuresSchema(),
    examples: featuresSchema(),
    listSize: positiveInteger().optional(),
  }),
);

/**
 * Makes a parser of serialized `ExampleListWithContext`s (ELWC) of TensorFlow Ranking: one query and its documents.
 *
 * ```ts
 * import { createExampleListParser, fixedLenFeature } from 'millrace/formats';
 *
 * const parser = createExampleListParser({
 *   context: { query: fixedLenFeature([8], 'float32') },
 *   examples: { relevance: fixedLenFeature([], 'int64', { default: -1 }) },
 * });
 *
 * const shapeOf = (records: Uint8Array[]) => parser.parseBatch(records).examples.relevance.shape; // [records, longest list]
 * ```
 *
 * The parser returns the same arrays as the operator `parseExampleList`.
 *
 * @throws ConfigError if a feature is not valid, or if there are no features.
 */
export function createExampleListParser<const F extends ExampleListFeatures>(features: F): ExampleListParser<F> {
  const { context, examples, listSize } = parseOptions('parseExampleList', argumentsSchema(), features, {
    isMap: true,
  });
  requireFeatures('parseExampleList', context.size + examples.size);
  const contextParser = exampleParserOf('tf.train.Example', features.context);
  const listParser = exampleParserOf('tf.train.Example', features.examples);

  function parse(records: readonly Uint8Array[], firstIndex: number, single: boolean): unknown {
    const lists = records.map((record, at) => readRecord(record, firstIndex + at));
    const longest = listSize ?? Math.max(0, ...lists.map((list) => list.examples.length));
    const members = lists.flatMap((list) => paddedTo(longest, list.examples, list.context));
    const contexts = lists.map((list) => list.context);
    const parsed = parseMembers(members, (list) => listParser.parseBatch(list));
    const rowSplits = Int32Array.from({ length: lists.length + 1 }, (_, row) => row * longest);
    const sizes = BigInt64Array.from(lists, (list) => BigInt(list.examples.length));
    return {
      context: parseMembers(contexts, (list) =>
        single ? contextParser.parseSingle(list[0] as Uint8Array) : contextParser.parseBatch(list),
      ),
      examples: single ? parsed : batchOfParts(parsed as Readonly<Record<string, ColumnValue>>, rowSplits),
      sizes: uncheckedArray('int64', single ? [] : [lists.length], sizes),
    };
  }
  return {
    parseSingle: (record, recordIndex = 0) => parse([record], recordIndex, true) as ParsedExampleList<F>,
    parseBatch: (records, firstRecordIndex = 0) => {
      requireBatch('parseBatch', records);
      return parse(records, firstRecordIndex, false) as ParsedExampleLists<F>;
    },
  };
}

function readRecord(
  record: Uint8Array,
  recordIndex: number,
): { readonly context: Member; readonly examples: Member[] } {
  requireRecord('parseExampleList', record, recordIndex);
  const wire = new ListWireReader();
  const examples: Member[] = [];
  wire.open(record, recordIndex);
  const take = (name: string, end: number): Member => {
    const byteOffset = wire.position;
    return { name, byteOffset, bytes: wire.take(end), recordIndex };
  };
  forEachMessage(wire, EXAMPLES, record.length, (end) => examples.push(take(`example ${examples.length}`, end)));
  let context: Member = { name: 'context', bytes: new Uint8Array(0), byteOffset: 0, recordIndex };
  wire.position = 0;
  forEachMessage(wire, CONTEXT, record.length, (end) => (context = take('context', end)));
  return { context, examples };
}

/** Truncates longer lists. Pads shorter lists with empty Examples, as TensorFlow Ranking does. */
function paddedTo(length: number, examples: readonly Member[], { recordIndex }: Member): Member[] {
  const name = `the list of ${examples.length} examples is padded to ${length}`;
  const empty: Member = { name, bytes: new Uint8Array(0), byteOffset: 0, recordIndex };
  return Array.from({ length }, (_, at) => examples[at] ?? empty);
}

/** Adds the name and the position of the Example to an error. */
function parseMembers(members: readonly Member[], parse: (list: readonly Uint8Array[]) => object): object {
  try {
    return parse(members.map(({ bytes }) => bytes));
  } catch (error) {
    const member = error instanceof FormatError ? members[error.recordIndex] : undefined;
    if (!(error instanceof FormatError) || !member) throw error;
    const { name, recordIndex } = member;
    throw new FormatError(`${name}: ${error.reason}`, {
      kind: error.kind,
      format: 'ExampleListWithContext',
      byteOffset: member.byteOffset + error.byteOffset,
      recordIndex,
      cause: error,
    });
  }
}
