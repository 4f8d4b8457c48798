import { readdirSync } from 'node:fs';
import * as rxjs from 'rxjs';

const exportsOf = async (entry: string): Promise<string[]> => Object.keys((await import(entry)) as object);

const ENTRIES = [
  'millrace',
  'millrace/operators',
  'millrace/formats',
  'millrace/tfjs',
  'millrace/agent',
  'millrace/s3',
  'millrace/parquet',
  'millrace/onnx',
  'millrace/nats',
];

const operators = readdirSync('operators')
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .map((file) => file.replace(/\.ts$/, ''));

describe('operators/', () => {
  it.each(operators)('%s.ts exports a function of its own name', async (name) => {
    const file = (await import(`../../operators/${name}.js`)) as Record<string, unknown>;
    expect(file[name]).toBeInstanceOf(Function);
  });
});

/** `window` is tf.data's name. RxJS's `window` is rarely used, and takes other arguments. */
const SHADOWED = ['window'];

describe('the entry points', () => {
  it.each(ENTRIES)('%s shadows no other name of RxJS', async (entry) => {
    const names = await exportsOf(entry);
    expect(names).not.toEqual([]);
    expect(names.filter((name) => name in rxjs && !SHADOWED.includes(name))).toEqual([]);
  });

  it('export each operator in one place only', async () => {
    const names = new Set(await exportsOf('millrace/operators'));
    const elsewhere = await Promise.all(ENTRIES.filter((entry) => !entry.endsWith('/operators')).map(exportsOf));
    expect(elsewhere.flat().filter((name) => names.has(name))).toEqual([]);
  });
});
