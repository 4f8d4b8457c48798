import { describe, expect, it } from '@jest/globals';
import * as operators from '../../operators/index.js';
import * as agent from '../../src/agent/index.js';
import { MillraceError } from '../../src/base/errors.js';
import * as formats from '../../src/formats/index.js';
import * as root from '../../src/index.js';
import * as onnx from '../../src/onnx/index.js';
import * as parquet from '../../src/pipeline/parquet/index.js';
import * as s3 from '../../src/s3/index.js';
import * as testing from '../../src/testing/index.js';
import * as tfjs from '../../src/tfjs/index.js';

const circular: Record<string, unknown> = {};
circular['self'] = circular;

/** Values without types, like JavaScript passes them. */
const HOSTILE: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  null: null,
  'a number': 5,
  NaN: NaN,
  'a bigint': 5n,
  'a text': 'nonsense',
  'a symbol': Symbol('s'),
  'an empty array': [],
  'an array of null': [null],
  'an empty object': {},
  'an unknown key': { nonsense: 1 },
  'no prototype': Object.create(null),
  'a circle': circular,
  'a Date': new Date(0),
};

/** Calls that throw another error, or none because every value is valid. */
const DOCUMENTED = ['MillraceError', 'ChannelError', 'ConfigError', 'FormatError', 'ShapeError', 'ValueError'];

const publicFunctions = Object.entries({
  ...root,
  ...operators,
  ...formats,
  ...tfjs,
  ...agent,
  ...testing,
  ...s3,
  ...parquet,
  ...onnx,
}).filter(([name, value]) => typeof value === 'function' && !DOCUMENTED.includes(name)) as [
  string,
  (...args: unknown[]) => unknown,
][];

/** Returns the error that a call throws or rejects with. */
async function failureOf(call: (...args: unknown[]) => unknown, args: readonly unknown[]): Promise<unknown> {
  try {
    const isClass = /^class\b/.test(Function.prototype.toString.call(call));
    const result = isClass ? Reflect.construct(call, args) : call(...args);
    await (result instanceof Promise ? result : undefined);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('every public function', () => {
  it.each(publicFunctions)('throws errors of this package only, whatever it is given: %s', async (_name, call) => {
    const others: string[] = [];
    for (const [what, value] of Object.entries(HOSTILE)) {
      for (const args of [[value], [value, value], [value, value, value]]) {
        const error = await failureOf(call, args);
        if (error === undefined || error instanceof MillraceError) continue;
        others.push(`${what} × ${args.length}: ${(error as Error).stack?.split('\n').slice(0, 3).join(' ') ?? ''}`);
      }
    }
    expect(others).toEqual([]);
  });

  it('refuses options that cannot be read, as those of a proxy', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const refuse = (): never => {
      throw new Error('a trap');
    };
    for (const options of [proxy, new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse })] as never[]) {
      for (const call of [
        () => root.channel('train', options),
        () => root.definePipeline({ channels: { a: {} } }, options),
        () => root.records('train', options),
        () => root.toAsyncIterable(root.fromIterable([]), options),
        () => operators.batch(2, options),
        () => operators.decodeCsv(['int32'], options),
        () => operators.decodeTFRecord(options),
        () => operators.mapAsync(() => Promise.resolve(), options),
        () => operators.prefetch(options),
        () => operators.shuffle(2, options),
        () => new formats.TextLineReader(options),
      ]) {
        expect(call).toThrow(MillraceError);
      }
    }
  });
});
