import { readFileSync } from 'node:fs';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { globalBatches, indexRecords, oneHot, scale, type NDArray } from 'millrace';
import { fixedLenFeature, rawFeature } from 'millrace/formats';
import { parseExample } from 'millrace/operators';
import * as tf from '@tensorflow/tfjs';
import { firstValueFrom, map, toArray } from 'rxjs';
import { parse } from 'yaml';
import { startMillrace } from '../cli/millrace.js';
import { compiled } from '../support/compiled.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/kubernetes/', import.meta.url));
const DIGITS = fileURLToPath(new URL('../../examples/digits/data/train', import.meta.url));
const CLASSES = 10;

interface Batch {
  readonly xs: NDArray<'float32'>;
  readonly ys: NDArray<'float32'>;
}

async function partsOf(count: number): Promise<Batch[][]> {
  const recordFormat = 'TFRecord';
  const index = await indexRecords(DIGITS, { recordFormat, blockBytes: 2048 });
  const parse = parseExample({ image: rawFeature([64], 'uint8'), label: fixedLenFeature([], 'int64') });
  const order = { seed: 7, globalBatchSize: 96, lanes: 6 };
  const hosts = Array.from({ length: count }, async (_, host) => {
    const own$ = globalBatches(DIGITS, { recordFormat, index, ...order, owner: { count, index: host } });
    const batches$ = own$.pipe(
      parse,
      map(({ image, label }): Batch => ({ xs: scale(image, 1 / 16), ys: oneHot(label, CLASSES) })),
    );
    return firstValueFrom(batches$.pipe(toArray()));
  });
  return Promise.all(hosts);
}

/** Trains with the joined parts of all hosts, and returns the weights. */
async function weightsAfterTraining(hosts: readonly (readonly Batch[])[]): Promise<number[][]> {
  const kernelInitializer = tf.initializers.glorotNormal({ seed: 1 });
  const layers = [tf.layers.dense({ inputShape: [64], units: CLASSES, activation: 'softmax', kernelInitializer })];
  const model = tf.sequential({ layers });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' });
  for (const step of hosts[0]!.keys()) {
    const joined = (key: keyof Batch) =>
      tf.concat(
        hosts.map((parts) => tf.tensor2d(parts[step]![key].data, [...parts[step]![key].shape] as [number, number])),
      );
    const [xs, ys] = [joined('xs'), joined('ys')];
    await model.trainOnBatch(xs, ys);
  }
  return model.getWeights().map((weights) => [...weights.dataSync()]);
}

describe('the example of an Indexed Job', () => {
  it('gives each pod its part of all records, as in the README', async () => {
    const command = [execPath, compiled('examples/kubernetes/train.ts'), DIGITS, '--hosts', '4'];
    const local = ['local', `${EXAMPLE}local.json`, '--hosts', '4', '--scheduler', 'Kubernetes', '--', ...command];
    const { stdout, exitCode } = await startMillrace(local).ended;
    const lines = stdout.trim().split('\n').sort();
    expect([exitCode, lines]).toEqual([
      0,
      [0, 1, 2, 3].map((pod) => `algo-${pod + 1} | pod ${pod} of 4: 11 steps, 352 records`),
    ]);
    expect(readFileSync(`${EXAMPLE}README.md`, 'utf8')).toContain(lines.join('\n'));
  });

  it('has a manifest of an Indexed Job whose pods know their number', () => {
    const job = parse(readFileSync(`${EXAMPLE}job.yaml`, 'utf8')) as {
      readonly spec: {
        readonly completions: number;
        readonly template: {
          readonly spec: { readonly containers: readonly { readonly command: readonly string[] }[] };
        };
      };
    };
    const { completions, template } = job.spec;
    expect(job).toMatchObject({
      apiVersion: 'batch/v1',
      kind: 'Job',
      spec: { completionMode: 'Indexed', parallelism: completions, template: { spec: { restartPolicy: 'Never' } } },
    });
    expect(template.spec.containers[0]?.command.slice(-2)).toEqual(['--hosts', String(completions)]);
  });

  it('leads to the same weights on 1, 2 and 3 hosts whose batches are joined', async () => {
    const [one, ...others] = await Promise.all(
      [1, 2, 3].map(async (count) => weightsAfterTraining(await partsOf(count))),
    );
    expect(one!.flat().some((weight) => weight !== 0)).toBe(true);
    for (const weights of others) expect(weights).toEqual(one);
  });
});
