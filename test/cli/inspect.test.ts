import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { RecordContent } from '../../src/cli/inspect/recordContent.js';
import { SizeHistogram } from '../../src/cli/inspect/sizeHistogram.js';
import { ndarray } from '../../src/arrays/ndarray.js';
import { encodeExample } from '../../src/formats/example/encodeExample.js';
import { encodeRecordIO } from '../../src/formats/recordio/encodeRecordIO.js';
import { encodeRecordProtobuf } from '../../src/formats/recordProtobuf/encodeRecordProtobuf.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { createExampleParser } from '../../src/formats/example/exampleParser.js';
import type { Features } from '../../src/formats/example/features.js';
import {
  createRecordProtobufParser,
  type RecordTensors,
} from '../../src/formats/recordProtobuf/recordProtobufParser.js';
import { rangeServers } from '../stores/support/rangeServer.js';
import { feedFifo, FifoWriter, makeFifo, until } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { startMillrace } from './millrace.js';
import { runMillrace } from './runMillrace.js';

const pathOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const DIGITS = pathOf('examples/digits/data/train/digits.tfrecord');
const FIXTURES = pathOf('test/fixtures');

const newFolder = temporaryFolders();
const utf8 = (text: string): Uint8Array => Buffer.from(text);

/** Inspects bytes as standard input. */
const inspect = (input: Uint8Array, ...flags: string[]) => runMillrace(['inspect', '-', ...flags], { input });

const jsonOf = async (input: Uint8Array, ...flags: string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await inspect(input, '--json', ...flags)).stdout) as Record<string, unknown>;

const examples = Array.from({ length: 10 }, (_, label) =>
  encodeExample({
    label: { int64List: [label] },
    weights: { floatList: [0.1, -2.5] },
    words: { bytesList: Array.from({ length: label % 3 }, () => utf8('wörd')) },
  }),
);
const EXAMPLE_FEATURES = {
  label: { kind: 'fixedLen', shape: [], dtype: 'int64' },
  weights: { kind: 'fixedLen', shape: [2], dtype: 'float32' },
  words: { kind: 'varLen', dtype: 'bytes' },
};

describe('millrace inspect', () => {
  it('shows the first records of a file, counts all records, and proposes their features', async () => {
    const { exitCode, stdout, stderr } = await startMillrace(['inspect', DIGITS, '--head', '1']).ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(`record 0, 97 bytes:
  image: bytes <00 00 01 0d 07 00 00 00 00 00 07 0e 02 00 00 00>… (64 bytes)
  label: int64 6

TFRecord of tf.train.Example
1,437 records in 162,381 bytes
record sizes: min 97, median 97, max 97, total 139,389 bytes
for parseExample:
{
  "image": {"kind":"fixedLen","shape":[],"dtype":"bytes"},
  "label": {"kind":"fixedLen","shape":[],"dtype":"int64"}
}
`);
  });

  it('shows five records by default, and none with --head 0', async () => {
    const textOf = async (...flags: string[]) => (await inspect(readFileSync(DIGITS), ...flags)).stdout;
    const shown = async (...flags: string[]) => (await textOf(...flags)).match(/^record \d+,/gm)?.length;
    expect([await shown(), await shown('--head', '7'), await shown('--head', '0')]).toEqual([5, 7, undefined]);
    expect(await textOf('--head', '0')).not.toMatch(/^\n/);
  });

  it.each([
    ['tfrecord/gzip.tfrecord.gz', 'gzip'],
    ['tfrecord/zlib.tfrecord.z', 'zlib'],
    ['tfrecord/plain.tfrecord', null],
  ])('recognises the compression of %s', async (path, compression) => {
    const { stdout } = await runMillrace(['inspect', '--json', join(FIXTURES, path)]);
    const sizes = { min: 0, median: 4095, max: 193438, total: 529412 };
    const bytes = readFileSync(join(FIXTURES, path)).length;
    const expected = { format: 'TFRecord', content: 'bytes', compression, records: 15, bytes, sizes, features: null };
    expect(JSON.parse(stdout)).toEqual(expected);
  });

  it.each([
    ['TFRecord', null, Buffer.concat(examples.map(encodeTFRecord))],
    ['RecordIO', null, Buffer.concat(examples.map((example) => encodeRecordIO(example)))],
    ['RecordIO', 'gzip', gzipSync(Buffer.concat(examples.map((example) => encodeRecordIO(example))))],
    ['TFRecord', 'zlib', deflateSync(Buffer.concat(examples.map(encodeTFRecord)))],
  ])('finds Examples in %s (compression: %s)', async (format, compression, input) => {
    const found = { format, compression, content: 'tf.train.Example', records: 10, features: EXAMPLE_FEATURES };
    expect(await jsonOf(input)).toMatchObject(found);
  });

  it.each(['x.tfrecord.gz', 'x.jsonl.zst'])('remarks that %s is not compressed', async (name) => {
    const content = name.startsWith('x.t') ? Buffer.concat(examples.map(encodeTFRecord)) : '{"a":1}\n';
    const path = join(newFolder(), name);
    writeFileSync(path, content);
    const { stdout } = await runMillrace(['inspect', '--json', path]);
    expect((JSON.parse(stdout) as { remarks: string[] }).remarks).toContain(
      `${path} is not compressed, although its name says so: rename it, or set compression: 'none' in recordsFromFiles()`,
    );
  });

  it('shows numbers as numbers, text as text, and cuts long values', async () => {
    const example = encodeExample({
      long: { bytesList: [utf8('é'.repeat(1000))] },
      many: { int64List: Array.from({ length: 100 }, (_, i) => i) },
      floats: { floatList: [0.1, 1e10, NaN] },
      'a name\n': { bytesList: [utf8('\u001b[2J'), utf8('"q"')] },
    });
    const { stdout } = await inspect(encodeTFRecord(example));
    expect(stdout).toContain(`long: bytes "${'é'.repeat(80)}"… (2000 bytes)`);
    expect(stdout).toContain('many: int64 [0, 1, 2, 3, 4, 5, 6, 7, … (100 values)]');
    expect(stdout).toContain('floats: float32 [0.1, 10000000000, NaN]');
    expect(stdout).toContain(String.raw`"a name\n": bytes [<1b 5b 32 4a>, "\"q\""]`);
  });

  it('escapes names that contain control characters', async () => {
    const names = ['\u009b31m', 'a\u202eb', '\u001b[2J'];
    const example = encodeExample(Object.fromEntries(names.map((name) => [name, { int64List: [1] }])));
    const { stdout } = await inspect(encodeTFRecord(example));
    expect(stdout).toContain(String.raw`"\u009b31m": {"kind":"fixedLen"`);
    expect(stdout).toContain(String.raw`"a\u202eb": {"kind":"fixedLen"`);
    for (const acting of ['\u009b', '\u202e', '\u001b']) expect(stdout).not.toContain(acting);
  });

  it("finds SageMaker's Record protobuf in RecordIO", async () => {
    const record = (label: number): Uint8Array =>
      encodeRecordProtobuf({
        features: {
          values: ndarray('float32', [3], Float32Array.of(1, 2, 3)),
          few: {
            indices: ndarray('int64', [1, 1], BigInt64Array.of(4n)),
            values: ndarray('float64', [1], Float64Array.of(0.5)),
            denseShape: [9],
          },
        },
        label: { values: ndarray('int32', [1], Int32Array.of(label)) },
      });
    const records = [record(0), record(1)];
    const input = Buffer.concat(records.map((bytes) => encodeRecordIO(bytes)));
    const { stdout } = await inspect(input);
    expect(stdout).toContain('\n  features values: float32 [1, 2, 3]\n');
    expect(stdout).toContain('\n  features few: sparse float64 0.5\n');
    expect(stdout).toContain('\n  label values: int32 1\n');
    const { features, ...rest } = await jsonOf(input);
    expect(rest).toMatchObject({ format: 'RecordIO', content: 'Record protobuf', records: 2 });
    expect(features).toEqual({
      features: { values: { dtype: 'float32' }, few: { kind: 'sparse', dtype: 'float64' } },
      label: { values: { dtype: 'int32' } },
    });
    const parser = createRecordProtobufParser(features as RecordTensors);
    expect(parser.parseBatch(records).label['values']?.shape).toEqual([2, 1]);
  });

  it('shows the sizes of images', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d494844520000001c00000012', 'hex');
    const jpeg = Buffer.from('ffd8ffe000044a46ffc0000b080012001c01011100', 'hex');
    const cut = Buffer.from('ffd8ffe0', 'hex');
    const { stdout } = await inspect(Buffer.concat([png, jpeg, cut].map((image) => encodeRecordIO(image))));
    expect(stdout).toContain('record 0, 24 bytes: PNG image, 28 x 18, 24 bytes\n');
    expect(stdout).toContain('record 1, 21 bytes: JPEG image, 28 x 18, 21 bytes\n');
    expect(stdout).toContain('record 2, 4 bytes: JPEG image, with a truncated header, 4 bytes\n');
    expect(stdout).toContain('RecordIO of bytes\n');
  });

  it.each([
    ['text', 'some, words\nand more\n', null],
    ['text', 'one, line\n', null],
    ['JSON', '{"a":1}\n\n[2]\n', null],
    [
      'CSV',
      'id,weight,name\n1,0.5,"a, b"\n-2,,c\n',
      { id: 'int32', weight: { dtype: 'float32', default: 'nan' }, name: 'string' },
    ],
    ['CSV', '1,2\n3,x', { column1: 'int32', column2: 'string' }],
  ])('recognises lines of %s: %j', async (content, text, features) => {
    expect(await jsonOf(utf8(text))).toMatchObject({ format: 'TextLine', content, features });
  });

  it.each(['bom', 'lone_cr', 'long', 'no_last_newline', 'only_newline', 'unix', 'utf8', 'windows'])(
    'reads the lines of %s.txt',
    async (name) => {
      const input = readFileSync(join(FIXTURES, 'textline', `${name}.txt`));
      const lines = input.toString('latin1').replace(/\n$/, '').split('\n');
      expect(await jsonOf(input)).toMatchObject({ format: 'TextLine', content: 'text', records: lines.length });
    },
  );

  it('reports that an empty input contains nothing', async () => {
    expect(await jsonOf(new Uint8Array(0))).toEqual({
      format: null,
      content: null,
      compression: null,
      records: 0,
      bytes: 0,
      sizes: null,
      features: null,
    });
    const { exitCode, stdout } = await inspect(new Uint8Array(0));
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'nothing\n0 records in 0 bytes\n' });
  });

  it('rejects an input of an unknown format', async () => {
    const { exitCode, stdout, stderr } = await inspect(new Uint8Array(5000));
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: 'no known format\n0 records in 5,000 bytes so far\n' });
    expect(stderr).toMatch(
      /not begin with .* RecordIO or .* TFRecord, and it is not text; .* \(record 0, byte offset 0\)\n$/,
    );
  });

  it('stops after --limit records, also if the input never ends', async () => {
    const path = makeFifo(join(newFolder(), 'fifo'));
    const { ended } = startMillrace(['inspect', path, '--limit', '3', '--head', '1']);
    const writer = await FifoWriter.open(path);
    for (const example of examples) await writer.write(encodeTFRecord(example));
    const { exitCode, stdout } = await ended;
    writer.close();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^3 records in \d+ bytes, stopped by --limit$/m);
  });

  it('reads a FIFO to its end', async () => {
    const path = makeFifo(join(newFolder(), 'fifo'));
    const { ended } = startMillrace(['inspect', path, '--json']);
    await feedFifo(path, gzipSync(readFileSync(DIGITS)));
    const found = { format: 'TFRecord', compression: 'gzip', records: 1437 };
    expect(JSON.parse((await ended).stdout)).toMatchObject(found);
  });

  it('stops at SIGINT and reports what was seen so far', async () => {
    const path = makeFifo(join(newFolder(), 'fifo'));
    const running = startMillrace(['inspect', path]);
    const writer = await FifoWriter.open(path);
    await writer.write(encodeTFRecord(examples[0]!));
    await running.said('record 0');
    running.kill('SIGINT');
    const { exitCode, stdout, stderr } = await running.ended;
    writer.close();
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
    expect(stdout).toMatch(/TFRecord of tf.train.Example\n1 record in \d+ bytes so far\n/);
  });

  describe('interrupted while it looks for its inputs', () => {
    const newServer = rangeServers();

    /** Starts the command with a URL of a server that never answers. */
    async function startStalled() {
      const server = await newServer();
      server.answer = () => true;
      const started = Date.now();
      const url = `http://127.0.0.1:${server.port}/x`;
      const running = startMillrace(['inspect', url]);
      await until(() => server.requests.length > 0);
      return { running, startMs: Date.now() - started, server, url };
    }

    it.each([
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const)('ends quietly at %s, and closes its connection', async (signal, code) => {
      const { running, server } = await startStalled();
      running.kill(signal);
      expect(await running.ended).toEqual({ exitCode: code, stdout: '', stderr: '' });
      await server.untilConnections(0);
    });

    it('ends quietly at each moment of its start', async () => {
      const { running, startMs, url } = await startStalled();
      running.kill('SIGINT');
      await running.ended;
      for (let part = 0; part <= 10; part++) {
        const early = startMillrace(['inspect', url]);
        setTimeout(() => early.kill('SIGINT'), (startMs * part) / 8);
        const { exitCode, stdout, stderr } = await early.ended;
        // Before the command handles signals, the signal itself ends the process, without an exit code.
        expect([null, 130]).toContain(exitCode);
        expect(stdout + stderr).toBe('');
      }
    });
  });

  it('ends with an error when its output is closed', async () => {
    const path = makeFifo(join(newFolder(), 'fifo'));
    const running = startMillrace(['inspect', path, '--head', '1000000']);
    const writer = await FifoWriter.open(path);
    await writer.write(utf8('a line of text\n'));
    await running.said('line 1');
    running.closeStdout();
    const line = utf8('another line\n');
    while ((await writer.write(line)) === line.length);
    const { exitCode, stderr } = await running.ended;
    writer.close();
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: 'millrace: Cannot write to standard output: the reader has closed the output.\n',
    });
  });

  it.each(readdirSync(join(FIXTURES, 'tfrecord', 'bad')))(
    'reports the place of a bad record in %s, after the records before it',
    async (name) => {
      const { exitCode, stdout, stderr } = await inspect(readFileSync(join(FIXTURES, 'tfrecord', 'bad', name)));
      const [records, offset] = name.startsWith('cut') ? [11, 466] : [4, 151];
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(new RegExp(`^${records} records in \\d+ bytes so far$`, 'm'));
      expect(stderr).toMatch(new RegExp(`^millrace: TFRecord: .*\\(record ${records}, byte offset ${offset}\\)\n$`));
    },
  );

  it.each([
    ['RecordIO', encodeRecordIO(examples[0]!), /RecordIO: the input ends .* \(record 1, byte offset \d+\)/],
    ['gzip', gzipSync(readFileSync(DIGITS)), /gzip: the input ends .*byte offset \d+\)/],
  ])('reports the place at which %s is cut', async (_, whole, message) => {
    const { exitCode, stdout, stderr } = await inspect(Buffer.concat([whole, whole]).subarray(0, whole.length * 1.5));
    expect(exitCode).toBe(1);
    expect(stdout).toContain('of tf.train.Example');
    expect(stdout).toContain('so far');
    expect(stderr).toMatch(message);
  });

  it('reports a damaged Example in a valid frame, after all records', async () => {
    const [first, second] = examples as [Uint8Array, Uint8Array];
    const records = [first, second.subarray(0, 20), second].map((record) => encodeRecordIO(record));
    const { exitCode, stdout, stderr } = await inspect(Buffer.concat(records));
    expect(exitCode).toBe(1);
    expect(stdout).toContain('3 records in');
    expect(stdout).toContain('2 of 3 records are tf.train.Example');
    expect(stderr).toMatch(
      /^millrace: tf.train.Example: .* from the start of the record \(record 1, byte offset \d+\)\n$/,
    );
  });

  it('reports a missing file, and nothing else', async () => {
    const path = join(newFolder(), 'none');
    const { exitCode, stdout, stderr } = await runMillrace(['inspect', path]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(`Cannot read the file ${path}: ENOENT`);
  });

  it.each([
    ['--head', '-1'],
    ['--limit', '0'],
    ['--limit', 'x'],
  ])('refuses %s %s', async (flag, value) => {
    expect((await inspect(new Uint8Array(0), `${flag}=${value}`)).exitCode).toBe(2);
  });

  it('omits a feature whose dtype differs between records', async () => {
    const records = [{ int64List: [1] }, { floatList: [1] }].map((x) => encodeTFRecord(encodeExample({ x })));
    const { stdout } = await inspect(Buffer.concat(records));
    expect(stdout).toContain('the proposal does not contain "x", because its dtype differs between records');
    expect((await jsonOf(Buffer.concat(records)))['features']).toEqual({});
  });
});

describe('RecordContent', () => {
  const cases = JSON.parse(readFileSync(join(FIXTURES, 'example', 'cases.json'), 'utf8')) as readonly {
    readonly name: string;
    readonly serialized: readonly string[];
    readonly batch: object;
  }[];
  // A record with unknown fields is not shown as an Example. An empty record is not evidence.
  const sound = cases.filter(({ name, batch }) => 'ok' in batch && !/unknown fields|empty message/.test(name));
  const at = (recordIndex: number) => ({ indexInFile: recordIndex, path: undefined });

  it.each(sound.map(({ name, serialized }) => [name, serialized] as const))(
    'proposes features that parse: %s',
    (_, serialized) => {
      const records = serialized.map((text) => new Uint8Array(Buffer.from(text, 'base64')));
      const content = new RecordContent();
      for (const [index, record] of records.entries()) expect(content.add(record, at(index))()).toContain('\n  ');
      const result = content.result();
      expect(result.name).toBe('tf.train.Example');
      const features = JSON.parse(JSON.stringify(result.features)) as Features;
      const parsed = createExampleParser(features).parseBatch(records);
      expect(Object.keys(parsed)).toEqual(Object.keys(features));
    },
  );

  it('stores at most ten thousand names, and finds each of them again', () => {
    const content = new RecordContent();
    const names = Array.from({ length: 10_100 }, (_, i) => `name ${i}`);
    const record = encodeExample(Object.fromEntries(names.map((name) => [name, { int64List: [1] }])));
    for (let i = 0; i < 3; i++) content.add(record, at(i));
    const features = content.result().features as Features;
    expect(Object.keys(features)).toHaveLength(10_000);
    expect(features['name 9999']).toMatchObject({ kind: 'fixedLen' });
    expect(content.result().remarks).toEqual([
      'names after the first 10000, over 1000 bytes, or not in UTF-8 are not shown: the first is "name 10000"',
    ]);
  });

  it('does not count an empty record as a message', () => {
    const content = new RecordContent();
    content.add(new Uint8Array(0), at(0));
    expect(content.result()).toMatchObject({ name: 'bytes', features: null });
    content.add(encodeExample({ x: { int64List: [1] } }), at(1));
    expect(content.result().features).toEqual({ x: { kind: 'varLen', dtype: 'int64' } });
  });
});

describe('SizeHistogram', () => {
  it('returns the exact median of small sizes, and the median of large sizes to a thousandth', () => {
    const medianOf = (sizes: readonly number[]) => {
      const histogram = new SizeHistogram();
      for (const size of sizes) histogram.add(size);
      return histogram.summary()?.median ?? NaN;
    };
    expect(medianOf([])).toBeNaN();
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([0, 2047])).toBe(0);
    expect(medianOf([70_001, 70_001])).toBe(70_001);
    for (let size = 2048; size < 2 ** 29; size = Math.floor(size * 1.37)) {
      expect(Math.abs(medianOf([1, size, 2 ** 30]) / size - 1)).toBeLessThan(0.001);
    }
  });
});
