import { describe, expect, it } from '@jest/globals';
import type { PipelineReport, StageReport } from '../../src/report/reportTypes.js';
import { verdictOf } from '../../src/report/verdict.js';

const figures = {
  ...{ records: 0, bytes: 0, elapsedMs: 0, inputMs: 0, consumerMs: 0, workMs: 0 },
  ...{ megabytesPerSecond: 0, recordsPerSecond: 0 },
};

function stage(name: string, extra: Partial<StageReport> = {}): StageReport {
  const none = { subscriptions: 1, emitted: 0, heldUpMs: 0, idleMs: 0, queue: undefined, remedy: undefined };
  return { name, isSource: false, ...none, threads: [], figures, ...extra };
}

/** Returns the figures of a pipeline for one second. */
function figuresOf(consumerMs: number, workMs: number, stages: readonly StageReport[]) {
  const inputMs = 1000 - consumerMs - workMs;
  const parts: Omit<PipelineReport, 'verdict'> = {
    ...{ consumer: 'training', subscriptions: 1, elapsedMs: 1000 },
    ...{ inputMs, consumerMs, workMs, stages },
  };
  return parts;
}

const verdictOn = (...figures: Parameters<typeof figuresOf>): ReturnType<typeof verdictOf> =>
  verdictOf(figuresOf(...figures), 2);

describe('verdictOf', () => {
  it('names the consumer if it waits for at most a twentieth of the time', () => {
    const source = stage('channel("train")', { isSource: true });
    expect(verdictOn(950, 0, [{ ...source, heldUpMs: 50 }]).bottleneck).toBe('consumer');
    expect(verdictOn(949, 0, [{ ...source, heldUpMs: 51 }])).toMatchObject({
      ...{ bottleneck: 'source', stage: 'channel("train")', waitedShare: 0.051 },
    });
  });

  it('names nothing after less than 200 ms', () => {
    const source = stage('fromFile', { isSource: true, heldUpMs: 100 });
    const during = (elapsedMs: number) => ({
      ...{ consumer: 'training', subscriptions: 1, elapsedMs, inputMs: 100, consumerMs: elapsedMs - 100 },
      ...{ workMs: 0, stages: [source] },
    });
    expect(verdictOf(during(199), 2)).toEqual({
      ...{ bottleneck: 'none', stage: undefined, waitedShare: 100 / 199 },
      text: 'training has read for less than 200 ms. This is too short to find the bottleneck.',
    });
    expect(verdictOf(during(200), 2)).toMatchObject({ bottleneck: 'source', stage: 'fromFile', waitedShare: 0.5 });
  });

  it('names nothing after one item', () => {
    // A batch of two records is one item.
    const stages = [stage('channel("train")', { isSource: true, heldUpMs: 900, emitted: 2 })];
    expect(verdictOf(figuresOf(100, 0, stages), 1)).toMatchObject({
      ...{ bottleneck: 'none', stage: undefined },
      text: 'training has read only one item. This is too little to find the bottleneck.',
    });
    expect(verdictOn(100, 0, stages).bottleneck).toBe('source');
  });

  it('names the stage, or the work on the thread, with the largest part of the waiting', () => {
    const stages = (imageMs: number): StageReport[] => [
      stage('channel("train")', { isSource: true, heldUpMs: 100 }),
      stage('decodeImage', { heldUpMs: imageMs, idleMs: imageMs, remedy: 'increase its concurrency (now 2)' }),
    ];
    expect(verdictOn(400, 240, stages(260))).toEqual({
      ...{ bottleneck: 'stage', stage: 'decodeImage', waitedShare: 0.6 },
      text:
        'training waited for input 60 % of the time, 26 % for the slowest stage, `decodeImage`: ' +
        'increase its concurrency (now 2).',
    });
    expect(verdictOn(400, 260, stages(240))).toMatchObject({ bottleneck: 'work', stage: undefined, waitedShare: 0.6 });
  });

  it.each([
    [60, 'increase its option workers'],
    [40, 'put a second report into its module'],
  ])('gives advice for a worker whose threads work %d %% of the time', (workMs, advice) => {
    const thread = { name: 'thread 0', items: 9, workMs, waitMs: 100 - workMs, held: 0 };
    const source = stage('inWorker(a.js)', { isSource: true, heldUpMs: 900, threads: [thread] });
    expect(verdictOn(100, 0, [source]).text).toContain(`for the source \`inWorker(a.js)\`: ${advice}`);
  });

  it('proposes a prefetch only after a stage that paused while the consumer was busy', () => {
    const textOf = (busyMs: number, stoodStillMs: number): string => {
      const stoodStill = { ...figures, consumerMs: stoodStillMs };
      const source = stage('channel("train")', { isSource: true, heldUpMs: 1000 - busyMs, figures: stoodStill });
      return verdictOn(busyMs, 0, [source]).text;
    };
    expect(textOf(500, 250)).toContain('add a prefetch after this stage');
    expect(textOf(500, 249)).toContain('make the input of this source faster');
    expect(textOf(99, 99)).toContain('make the input of this source faster');
  });

  it('proposes what the advice says after a stage that paused', () => {
    const advice = { moveWork: () => '', reduceWork: '', helpSource: '', readAhead: 'READ AHEAD' };
    const paused = { ...figures, consumerMs: 500 };
    const source = stage('train of algo-1', { isSource: true, heldUpMs: 500, figures: paused });
    expect(verdictOf(figuresOf(500, 0, [source]), 2, advice).text).toMatch(/while training was busy: READ AHEAD\.$/);
  });

  it('distinguishes a stage that waits from one that computes on this thread', () => {
    const textOf = (idleMs: number): string => verdictOn(0, 0, [stage('mapAsync', { heldUpMs: 1000, idleMs })]).text;
    expect(textOf(500)).toContain('the slowest stage, `mapAsync`: make this stage faster');
    expect(textOf(499)).toContain('whose work keeps this thread busy');
  });

  it('gives advice in the words of the pipeline', () => {
    const advice = { moveWork: (what: string) => `MOVE ${what}`, reduceWork: 'or REDUCE', helpSource: 'HELP' };
    const textOf = (stages: readonly StageReport[], workMs = 0): string =>
      verdictOf(figuresOf(100, workMs, stages), 2, advice).text;
    expect(textOf([], 900)).toMatch(/the pipeline's own work on this thread: MOVE the pipeline, or REDUCE\.$/);
    expect(textOf([stage('channel("train")', { isSource: true, heldUpMs: 900 })])).toMatch(/`: HELP\.$/);
    expect(textOf([stage('mapAsync', { heldUpMs: 900 })])).toMatch(/keeps this thread busy: MOVE this stage\.$/);
  });
});
