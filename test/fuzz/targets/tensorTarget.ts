import assert from 'node:assert/strict';
import { FormatError } from '../../../src/base/errors.js';
import { createExampleParser } from '../../../src/formats/example/exampleParser.js';
import { tensorFeature } from '../../../src/formats/example/features.js';
import { parseTensor } from '../../../src/formats/tensorProto/parseTensor.js';
import type { ParseTensorDType } from '../../../src/formats/tensorProto/tensorLayout.js';
import { columnText } from '../../formats/reference/columnText.js';
import { drawTensor, drawTensorDType } from '../../formats/reference/drawTensor.js';
import { DATA_TYPES, readTensor } from '../../formats/reference/readTensor.js';
import { wireFields, NoMessage } from '../../formats/reference/wireFields.js';
import { bytesFeature, entry, example } from '../../formats/support/wire.js';
import { poisonedChunks, type Draw } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { parsedText, referenceText } from './exampleTarget.js';

const drawShape = (draw: Draw): number[] => Array.from({ length: draw(4) }, () => draw(4));

/** Returns the dtype that a message declares, or any. */
function dtypeOf(input: Uint8Array, draw: Draw): ParseTensorDType {
  try {
    const type = wireFields(input).find(({ number }) => number === 1)?.value;
    const found = Object.entries(DATA_TYPES).find(([, number]) => number === type)?.[0];
    return (found as ParseTensorDType | undefined) ?? drawTensorDType(draw);
  } catch (error) {
    if (error instanceof NoMessage) return drawTensorDType(draw);
    throw error;
  }
}

/** Returns true if the message declares a tensor that is too large for a fuzzer. */
function isHuge(parse: () => unknown): boolean {
  try {
    parse();
  } catch (error) {
    return error instanceof NoMessage && error.message === 'more than a test can hold';
  }
  return false;
}

function textOf(parse: () => string): string | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** A serialized TensorProto, alone and as a feature of an Example, against a reference. */
export const tensorTarget: FuzzTarget = {
  name: 'TensorProto',
  weight: 4,
  seeds: [Uint8Array.from(Buffer.from('CAESBBICCAIiCAAAgD8AAABA', 'base64'))],
  generate: (draw) => drawTensor(draw, drawTensorDType(draw), drawShape(draw)),
  run: (input, draw) => {
    const dtype = dtypeOf(input, draw);
    if (isHuge(() => readTensor(input, dtype))) return;
    const poisoned = poisonedChunks(input, [], draw);
    const [serialized] = poisoned.chunks as [Uint8Array];
    const expected = referenceText(() => [['x', readTensor(input, dtype).text]]);
    const found = textOf(() => {
      const parsed = parseTensor(serialized, dtype);
      if (parsed.dtype === 'bytes') parsed.data.filter(({ length }) => length > 0).forEach(poisoned.assertInside);
      return JSON.stringify([['x', columnText(parsed)]]);
    });
    assert.equal(found, expected, dtype);
    poisoned.assertUntouched();
    const shape = expected === undefined ? [] : readTensor(input, dtype).shape;
    const parser = createExampleParser({
      x: tensorFeature(
        shape.map((length) => (draw(2) === 0 ? null : length)),
        dtype,
      ),
    });
    const record = example(entry('x', bytesFeature(input)));
    assert.equal(
      parsedText([record, record], () => parser.parseBatch([record, record])),
      referenceText(() => [['x', batchOfTwo(input, dtype)]]),
    );
    assert.equal(
      parsedText([record], () => parser.parseSingle(record)),
      expected,
    );
  },
};

function batchOfTwo(input: Uint8Array, dtype: ParseTensorDType): string {
  const { shape, text } = readTensor(input, dtype, 2);
  const elements = text.slice(text.indexOf(' ') + 1);
  const isEmpty = shape.includes(0);
  return `${text}${dtype === 'bytes' && !isEmpty ? ',' : ''}${elements}`;
}
