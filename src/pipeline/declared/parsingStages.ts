import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { combineAttributes, combineAttributesSchema } from '../../../operators/combineAttributes.js';
import { decodeCsv, decodeCsvSchema } from '../../../operators/decodeCsv.js';
import { decodeImage, decodeImageSchema, type DecodeImageOptions } from '../../../operators/decodeImage.js';
import { decodeJson, decodeJsonSchema } from '../../../operators/decodeJson.js';
import { decodeLibsvm, decodeLibsvmSchema } from '../../../operators/decodeLibsvm.js';
import { parseExample } from '../../../operators/parseExample.js';
import { parseImageRecord } from '../../../operators/parseImageRecord.js';
import { parseExampleList } from '../../../operators/parseExampleList.js';
import { parseRecordProtobuf, parseRecordProtobufSchema } from '../../../operators/parseRecordProtobuf.js';
import { parseSequenceExample } from '../../../operators/parseSequenceExample.js';
import { parseSingleExample } from '../../../operators/parseSingleExample.js';
import { jsonBadRecordFields } from '../../../operators/shared/badRecords.js';
import { positiveInteger } from '../../base/parseOptions.js';
import { featureSchema } from '../../formats/example/featureSchema.js';
import type { SequenceFeatures } from '../../formats/example/parsedSequences.js';
import { builtInStage, type BuiltInStage } from './stageDefinition.js';

const features = lazy(() =>
  z.record(z.string(), featureSchema()).describe('The features to read. Each key is the name of a feature.'),
);
const featuresOptions = lazy(() => z.strictObject({ features: features(), ...jsonBadRecordFields() }));

export const PARSING_STAGES: readonly BuiltInStage[] = [
  builtInStage({
    name: 'parseExample',
    options: featuresOptions,
    build: ({ features, ...badRecords }) => parseExample(features, badRecords),
  }),
  builtInStage({
    name: 'parseSingleExample',
    options: featuresOptions,
    build: ({ features, ...badRecords }) => parseSingleExample(features, badRecords),
  }),
  builtInStage({
    name: 'parseSequenceExample',
    options: () =>
      z.strictObject({
        context: features(),
        sequence: features().describe('The sequences to read. Each key is the name of a sequence.'),
        ...jsonBadRecordFields(),
      }),
    build: ({ context, sequence, ...badRecords }) =>
      parseSequenceExample(
        { context, sequence: sequence as SequenceFeatures['sequence'] },
        badRecords,
      ) as OperatorFunction<Uint8Array | readonly Uint8Array[], unknown>,
  }),
  builtInStage({
    name: 'parseExampleList',
    options: () =>
      z.strictObject({
        context: features(),
        examples: features().describe('The features of each example. Each key is the name of a feature.'),
        listSize: positiveInteger()
          .optional()
          .describe('The number of examples of each list. Default: the length of the longest list in the batch.'),
        ...jsonBadRecordFields(),
      }),
    build: ({ context, examples, listSize, ...badRecords }) =>
      parseExampleList({ context, examples, listSize }, badRecords) as OperatorFunction<
        Uint8Array | readonly Uint8Array[],
        unknown
      >,
  }),
  builtInStage({
    name: 'parseRecordProtobuf',
    options: parseRecordProtobufSchema,
    build: ({ features, label, ...badRecords }) => parseRecordProtobuf({ features, label }, badRecords),
  }),
  builtInStage({
    name: 'parseImageRecord',
    options: () => z.strictObject(jsonBadRecordFields()),
    build: (options) => parseImageRecord(options),
  }),
  builtInStage({
    name: 'decodeCsv',
    options: decodeCsvSchema,
    build: ({ recordDefaults, ...options }) => decodeCsv(recordDefaults, options),
  }),
  builtInStage({ name: 'decodeJson', options: decodeJsonSchema, build: (options) => decodeJson(options) }),
  builtInStage({ name: 'decodeLibsvm', options: decodeLibsvmSchema, build: (options) => decodeLibsvm(options) }),
  builtInStage({
    name: 'decodeImage',
    options: decodeImageSchema,
    build: (options) => decodeImage(options as DecodeImageOptions),
  }),
  builtInStage({
    name: 'combineAttributes',
    options: combineAttributesSchema,
    build: ({ attributes }) => combineAttributes(attributes),
  }),
];
