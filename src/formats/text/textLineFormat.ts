import { defineFormat } from '../framing/formatDefinition.js';
import { encodeTextLine } from './encodeTextLine.js';
import { textLineOptionsSchema } from './textLineOptions.js';
import { TextLineReader } from './textLineReader.js';

export const textLineFormat = defineFormat({
  name: 'TextLine',
  reference: 'https://www.tensorflow.org/api_docs/python/tf/data/TextLineDataset',
  options: textLineOptionsSchema,
  readers: (options) => (_onBadRecord, start) => new TextLineReader(options, start),
  countFacts: ({ skipLines }) => (skipLines === 0 ? undefined : { skipLines }),
  encode: encodeTextLine,
  needsFileStart: ({ skipLines }) =>
    skipLines === 0
      ? undefined
      : `skipLines is ${skipLines}. Either remove skipLines and filter the headers by their text ` +
        '(docs/guides/files.md), or read the channel in File mode',
});
