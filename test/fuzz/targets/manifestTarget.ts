import assert from 'node:assert/strict';
import { from, toArray } from 'rxjs';
import { combineAttributes } from '../../../operators/combineAttributes.js';
import { memberTexts } from '../../../src/agent/data/memberTexts.js';
import { FormatError } from '../../../src/base/errors.js';
import { encodeManifestLine, type JsonValue } from '../../../src/formats/encodeManifestLine.js';
import type { Draw } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { replaced } from '../mutations.js';
import { referenceJson, type ReferenceJson } from '../referenceJson.js';

const TEXTS = ['', 'a', '"', '\\', '\u2028', '\ud83d\ude00', '__proto__', '{', ',', '}'];
const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '\\',
  '\\"',
  '\\u0041',
  '1.0',
  '12345678901234567890',
  'null',
  ' ',
  '"__proto__":1,',
];

function drawValue(draw: Draw, depth: number): JsonValue {
  switch (draw(depth > 0 ? 6 : 4)) {
    case 0:
      return TEXTS[draw(TEXTS.length)]!;
    case 1:
      return draw(1000) / 8;
    case 2:
      return null;
    case 3:
      return draw(2) === 0;
    case 4:
      return Array.from({ length: draw(3) }, () => drawValue(draw, depth - 1));
    default:
      return drawObject(draw, depth - 1);
  }
}

function drawObject(draw: Draw, depth: number): Record<string, JsonValue> {
  return Object.fromEntries(
    Array.from({ length: draw(4) }, () => [TEXTS[draw(TEXTS.length)]!, drawValue(draw, depth)] as const),
  );
}

/** Returns the value that `parse` returns, or `undefined` if the text is not JSON. */
function parsed<T>(parse: (text: string) => T, text: string): { readonly value: T } | undefined {
  try {
    return { value: parse(text) };
  } catch (error) {
    assert.ok(error instanceof SyntaxError);
    return undefined;
  }
}

function checkMembers(text: string, members: ReadonlyMap<string, ReferenceJson>): void {
  const found = Array.from(memberTexts(text), ([name, member]) => [name, referenceJson(member)] as const);
  assert.deepEqual(new Map(found), members);
}

function checkCombined(input: Uint8Array, expected: { readonly value: unknown } | undefined): void {
  let combined: readonly Record<string, unknown>[] | undefined;
  let failure: unknown;
  from([input, input])
    .pipe(
      combineAttributes(
        Object.fromEntries([
          ['__proto__x', 'bytes'],
          ['label', 'json'],
        ] as const),
      ),
      toArray(),
    )
    .subscribe({
      next: (lines) => {
        combined = lines;
      },
      error: (error: unknown) => {
        failure = error;
      },
    });
  // The value equals that of JSON.parse, even if Node.js reads a name with an escape wrongly.
  if (combined) assert.deepEqual(combined[0]!['label'], expected?.value);
  else assert.ok(failure instanceof FormatError && !expected, String(failure));
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Lines of augmented manifests: members are compared with a parser of the tests, values with JSON.parse. */
export const manifestTarget: FuzzTarget = {
  name: 'manifest',
  weight: 3,
  seeds: [
    encodeManifestLine({
      'source-ref': 's3://bucket/1.png',
      class: 3,
      'class-metadata': { 'class-name': 'cat', conf: [0.5] },
    }),
    new Uint8Array(Buffer.from('{"a":1.0,"b":12345678901234567890,"__proto__":{"x":1},"a":"\\"}"}')),
  ],
  generate: (draw) => encodeManifestLine({ id: draw(10), ...drawObject(draw, 3) }).subarray(0, -1),
  mutate: (input, draw) => {
    const at = draw(input.length + 1);
    return replaced(input, at, at, new Uint8Array(Buffer.from(PIECES[draw(PIECES.length)]!)));
  },
  run: (input) => {
    let text: string | undefined;
    try {
      text = decoder.decode(input);
    } catch {
      // The line is not UTF-8, so it is not JSON.
    }
    const json = text === undefined ? undefined : parsed(JSON.parse, text);
    checkCombined(input, json);
    const reference = text === undefined ? undefined : parsed(referenceJson, text);
    assert.equal(reference === undefined, json === undefined);
    if (text !== undefined && reference?.value instanceof Map) checkMembers(text, reference.value);
    assert.deepEqual(Object.keys(Object.prototype), []);
  },
};
