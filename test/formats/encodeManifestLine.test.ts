import fc from 'fast-check';
import { ConfigError } from '../../src/base/errors.js';
import { encodeManifestLine, type JsonValue } from '../../src/formats/encodeManifestLine.js';
import { TextLineReader } from '../../src/formats/text/textLineReader.js';
import { readAll } from './support/readAll.js';
import { thrownBy } from './support/thrownBy.js';

const inItself: unknown[] = [];
inItself.push([inItself]);

describe('encodeManifestLine', () => {
  it('writes the attributes in the order given, in one line', () => {
    const line = encodeManifestLine({
      'source-ref': 's3://b/1.png',
      class: 3,
      text: 'a\nü',
      'class-metadata': { a: [null] },
    });
    expect(Buffer.from(line).toString()).toBe(
      '{"source-ref":"s3://b/1.png","class":3,"text":"a\\nü","class-metadata":{"a":[null]}}\n',
    );
  });

  it('writes lines that parse to the same values', () => {
    // JSON writes -0 as 0.
    const values = fc
      .jsonValue({ noUnicodeString: false })
      .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
    const lines = fc.array(
      fc.dictionary(
        fc.string().filter((name) => !name.endsWith('-ref')),
        values,
        { minKeys: 1 },
      ),
    );
    fc.assert(
      fc.property(lines, (attributes) => {
        const file = Buffer.concat(attributes.map(encodeManifestLine));
        const { records } = readAll(new TextLineReader({ encoding: 'utf8' }), [new Uint8Array(file)]);
        expect(records.map((line) => JSON.parse(line) as unknown)).toEqual(attributes);
      }),
    );
  });

  it('takes a value twice, as long as it does not stand in itself', () => {
    const box = { left: 1 };
    expect(Buffer.from(encodeManifestLine({ boxes: [box, box] })).toString()).toBe(
      '{"boxes":[{"left":1},{"left":1}]}\n',
    );
  });

  it.each([
    ['nothing', {}, 'attributes'],
    ['a list', [1], 'attributes'],
    ['undefined, which would be left out', { a: 1, b: undefined }, 'b'],
    ['NaN, which would become null', { a: { b: [0, NaN] } }, 'a.b[1]'],
    ['a hole, which would become null', { a: Array(1) }, 'a[0]'],
    ['a bigint', { a: 1n }, 'a'],
    ['a typed array, which would become an object', { a: Uint8Array.of(1) }, 'a'],
    ['a date', { a: new Date(0) }, 'a'],
    ['a value that contains itself', { a: inItself }, 'a[0][0]'],
    ['a reference that is a number', { 'image-ref': 1 }, 'image-ref'],
    ['a reference that is empty', { 'image-ref': '' }, 'image-ref'],
  ])('refuses %s', (_name, attributes, path) => {
    const encode = () => encodeManifestLine(attributes as unknown as Record<string, JsonValue>);
    expect(thrownBy(ConfigError, encode).path).toBe(path);
  });
});
