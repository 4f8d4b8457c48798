import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { Sequential } from '@tensorflow/tfjs';
import { lastValueFrom, map, toArray } from 'rxjs';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { report } from '../../operators/report.js';
import { fromFile } from '../../src/sources/fromFile.js';
import { fitDataset, tensorBoard, toDataset } from '../../src/tfjs/index.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import type { Tf } from './backends.js';
import { lineSource } from './countedSource.js';
import { withLineModel } from './withLineModel.js';

const newFolder = temporaryFolders();

interface ReadEvent {
  readonly step?: number;
  readonly version?: string;
  readonly scalars: Readonly<Record<string, number>>;
}

/** Returns the events of all files in a folder, in the order of the files' names. */
async function eventsIn(folder: string): Promise<ReadEvent[]> {
  const files = readdirSync(folder).sort();
  const events = files.map((file) =>
    lastValueFrom(fromFile(join(folder, file)).pipe(decodeTFRecord(), map(readEvent), toArray())),
  );
  return (await Promise.all(events)).flat();
}

function readEvent(record: Uint8Array): ReadEvent {
  const event: { step?: number; version?: string; scalars: Record<string, number> } = { scalars: {} };
  const reader = new BinaryReader(record);
  while (reader.pos < reader.len) {
    const [field] = reader.tag();
    if (field === 1) reader.double();
    else if (field === 2) event.step = Number(reader.int64());
    else if (field === 3) event.version = reader.string();
    else Object.assign(event.scalars, readSummary(new BinaryReader(reader.bytes())));
  }
  return event;
}

function readSummary(reader: BinaryReader): Record<string, number> {
  const scalars: Record<string, number> = {};
  while (reader.pos < reader.len) {
    reader.tag();
    const value = new BinaryReader(reader.bytes());
    value.tag();
    const name = value.string();
    value.tag();
    scalars[name] = value.float();
  }
  return scalars;
}

describe('tensorBoard', () => {
  let tf: Tf;
  let model: Sequential;
  withLineModel('cpu', (test) => {
    ({ tf, model } = test);
  });

  it('writes the loss of each epoch and each validation, as Keras names them', async () => {
    const logDir = newFolder();
    const { history } = await fitDataset(model, toDataset(tf, lineSource(3).source$), {
      epochs: 2,
      verbose: 0,
      validationData: toDataset(tf, lineSource(2).source$),
      callbacks: tensorBoard(logDir),
    });
    const expected = (losses: readonly unknown[] = []): unknown[] => [
      { version: 'brain.Event:2', scalars: {} },
      ...losses.map((loss, step) => ({
        step,
        scalars: { epoch_loss: Math.fround(loss as number), epoch_mae: expect.any(Number) as unknown },
      })),
    ];
    expect(await eventsIn(join(logDir, 'train'))).toEqual(expected(history['loss']));
    expect(await eventsIn(join(logDir, 'validation'))).toEqual(expected(history['val_loss']));
  });

  it('writes the loss of each batch, and the gauges of a report', async () => {
    const logDir = newFolder();
    const watched = report();
    await fitDataset(model, toDataset(tf, lineSource(3).source$.pipe(watched)), {
      epochs: 2,
      verbose: 0,
      callbacks: tensorBoard(logDir, { updateFreq: 'batch', report: watched }),
    });
    const [, ...events] = await eventsIn(join(logDir, 'train'));
    const batches = events.filter(({ scalars }) => 'batch_loss' in scalars);
    expect(batches.map(({ step, scalars }) => [step, Object.keys(scalars)])).toEqual(
      [0, 1, 2, 3, 4, 5].map((step) => [step, ['batch_loss', 'batch_mae']]),
    );
    const epochs = events.filter(({ scalars }) => 'epoch_loss' in scalars);
    expect(epochs.map(({ step }) => step)).toEqual([0, 1]);
    for (const { scalars } of epochs) {
      const shares = ['input/waiting', 'input/work', 'input/training'].map((name) => scalars[name] ?? NaN);
      expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 3);
      expect(scalars['input/items_per_second']).toBeGreaterThan(0);
    }
  });

  it('warns once if the report is in no pipeline', async () => {
    const warnings = await collectWarnings(async () => {
      const callbacks = tensorBoard(newFolder(), { report: report() });
      for (const epoch of [0, 1]) await callbacks.onEpochEnd(epoch, { loss: 1 });
    });
    expect(warnings).toMatchObject([
      { code: 'MILLRACE_REPORT_FILE', message: expect.stringContaining('Put the report at the end of the pipeline') },
    ]);
  });

  it('writes each training in files of its own, whose names are in the order of the trainings', async () => {
    const logDir = newFolder();
    const losses = Array.from({ length: 12 }, (_, training) => training);
    for (const loss of losses) await tensorBoard(logDir).onEpochEnd(0, { loss });
    const events = await eventsIn(join(logDir, 'train'));
    const scalars = events.filter(({ version }) => version === undefined).map((event) => event.scalars);
    expect(scalars).toEqual(losses.map((loss) => ({ epoch_loss: loss })));
  });

  it('rejects with the path if a file cannot be written', async () => {
    const logDir = join(newFolder(), 'file');
    writeFileSync(logDir, '');
    await expect(tensorBoard(logDir).onEpochEnd(0, { loss: 1 })).rejects.toMatchObject({
      name: 'ChannelError',
      message: expect.stringMatching(/^tensorBoard: cannot write .*train.events\.out\.tfevents/) as unknown,
    });
  });

  it.each<[string, unknown, unknown]>([
    ['a URL', 's3://bucket/logs', {}],
    ['another frequency', 'logs', { updateFreq: 10 }],
    ['a report that was read', 'logs', { report: report().read() }],
  ])('refuses %s at the call', (_name, logDir, options) => {
    expect(() => tensorBoard(logDir as string, options as object)).toThrow(/^tensorBoard: /);
  });
});
