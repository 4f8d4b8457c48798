import { encodeExample, type FeatureValues } from '../../src/formats/example/encodeExample.js';
import { encodeSequenceExample } from '../../src/formats/example/encodeSequenceExample.js';
import type { Feature, FeatureDType, Features } from '../../src/formats/example/features.js';
import type { SequenceFeature } from '../../src/formats/example/parsedSequences.js';
import { NAMES } from '../formats/reference/drawExample.js';
import type { Draw } from '../support/poisonedChunks.js';

const DTYPES: readonly FeatureDType[] = ['int64', 'float32', 'bytes'];
const MAX_STEPS = 4;

const repeated = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
const drawName = (draw: Draw): string => NAMES[draw(NAMES.length)]!;

/** Draws integers of every length, positive and negative. */
function drawInteger(draw: Draw): bigint {
  const bits = BigInt.asUintN(1 + draw(64), (BigInt(draw(2 ** 32)) << 32n) | BigInt(draw(2 ** 32)));
  return BigInt.asIntN(64, draw(2) === 0 ? bits : -bits);
}

function drawFloat(draw: Draw): number {
  return draw(4) === 0
    ? [NaN, Infinity, -0, 1e-45][draw(4)]!
    : new Float32Array(Uint32Array.of(draw(2 ** 32)).buffer)[0]!;
}

function drawList(draw: Draw, dtype: FeatureDType, count: number): FeatureValues {
  switch (dtype) {
    case 'int64':
      return { int64List: repeated(count, () => drawInteger(draw)) };
    case 'float32':
      return { floatList: repeated(count, () => drawFloat(draw)) };
    case 'bytes':
      return { bytesList: repeated(count, () => Uint8Array.from(repeated(draw(6), () => draw(256)))) };
  }
}

/** Usually draws the values that a feature requires. */
function drawFitting(draw: Draw, { kind, ...rest }: Feature | SequenceFeature): FeatureValues {
  const { dtype, shape } = rest as { readonly dtype: FeatureDType; readonly shape?: readonly number[] };
  const size = (shape ?? []).reduce((product, length) => product * length, 1);
  const fitting = kind === 'fixedLen' ? size : size * draw(MAX_STEPS);
  const count = draw(16) === 0 ? draw(MAX_STEPS) : fitting;
  return drawList(draw, draw(16) === 0 ? DTYPES[draw(3)]! : dtype, count);
}

/** Draws the lists of an Example: requested features, some of them missing, and other features. */
function drawContext(draw: Draw, features: Features): Record<string, FeatureValues> {
  const lists: Record<string, FeatureValues>[] = repeated(draw(2), () => {
    return { [drawName(draw)]: drawList(draw, DTYPES[draw(3)]!, draw(MAX_STEPS)) };
  });
  for (const [name, feature] of Object.entries(features)) {
    if (draw(10) === 0) continue;
    if (feature.kind !== 'sparse') {
      lists.push({ [name]: drawFitting(draw, feature) });
      continue;
    }
    const count = draw(MAX_STEPS);
    const sizes = [feature.size].flat();
    for (const [axis, key] of [feature.indexKey].flat().entries()) {
      const indices = repeated(count, () => draw((sizes[axis] ?? 0) + (draw(16) === 0 ? 2 : 0)));
      lists.push({ [key]: { int64List: indices } });
    }
    lists.push({ [feature.valueKey]: drawList(draw, feature.dtype, draw(16) === 0 ? draw(MAX_STEPS) : count) });
  }
  return Object.fromEntries(lists.flatMap((list) => Object.entries(list)));
}

/** Draws an Example that this package writes. */
export function drawWrittenExample(draw: Draw, features: Features): Uint8Array {
  return encodeExample(drawContext(draw, features));
}

/** Draws a SequenceExample that this package writes. */
export function drawWrittenSequenceExample(
  draw: Draw,
  context: Features,
  sequence: Readonly<Record<string, SequenceFeature>>,
): Uint8Array {
  const lists = Object.entries(sequence).flatMap(([name, feature]) => {
    if (draw(10) === 0) return [];
    const stepKind = feature.kind === 'fixedLenSequence' ? 'fixedLen' : feature.kind;
    const steps = repeated(draw(MAX_STEPS), () => drawFitting(draw, { ...feature, kind: stepKind } as Feature));
    return [[name, steps] as const];
  });
  return encodeSequenceExample({ context: drawContext(draw, context), sequence: Object.fromEntries(lists) });
}
