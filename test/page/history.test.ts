import { describe, expect, it } from '@jest/globals';
import { Gate } from '../../src/demand/gate.js';
import type { StageFacts } from '../../src/demand/observer.js';
import { History } from '../../src/page/history.js';
import { StageProbe } from '../../src/report/stageProbe.js';
import { Timeline } from '../../src/report/timeline.js';
import { sumOf } from '../../src/base/sumOf.js';
import { handClock, type HandClock } from '../support/handClock.js';

const FACTS: StageFacts = { name: 'train', isSource: true, phase: () => 'inputMs' };

/** A pipeline of one source, in which an item arrives after each wait. */
function pipeline(clock: HandClock) {
  const timeline = new Timeline('training');
  const history = new History(timeline);
  timeline.listener = { begun: () => undefined, rested: (at) => history.rested(at) };
  history.begin();
  const consumer = new StageProbe({ name: 'training', phase: () => 'inputMs' }, timeline.consumer, { timeline });
  timeline.attachEnd(consumer, new Gate());
  const source = consumer.watch(FACTS);
  consumer.timed(() => undefined)();
  const deliver = (waitMs: number, workMs: number): void => {
    clock.idle(waitMs);
    consumer.begin();
    source.count(new Uint8Array(10));
    clock.busy(workMs);
    consumer.end();
  };
  return { history, consumer, deliver };
}

describe('History', () => {
  const clock = handClock();

  it('divides the time into parts whose sums are the whole', () => {
    const { history, deliver } = pipeline(clock);
    deliver(1, 1);
    for (let i = 0; i < 100; i++) deliver(9, 3);
    history.end();
    const parts = history.read(600);
    expect(parts.length).toBeGreaterThan(90);
    expect(sumOf(parts.map(({ report }) => report.inputMs))).toBe(901);
    expect(sumOf(parts.map(({ report }) => report.workMs))).toBe(301);
    expect(sumOf(parts.map(({ report }) => report.stages[0]?.figures.bytes ?? 0))).toBe(1010);
    expect(parts.at(-1)?.toMs).toBe(1202);
  });

  it('holds at most 600 parts, and loses no item, however long the pipeline runs', () => {
    const { history, deliver } = pipeline(clock);
    for (let i = 0; i < 20_000; i++) deliver(100, 5);
    history.end();
    const parts = history.read(1e9);
    expect(parts.length).toBeGreaterThan(300);
    expect(parts.length).toBeLessThanOrEqual(601);
    expect(sumOf(parts.map(({ report }) => report.stages[0]?.figures.records ?? 0))).toBe(20_000);
  });

  it('attributes the wait of each part to stages, also if a second subscription begins meanwhile', () => {
    const { history, deliver } = pipeline(clock);
    deliver(1, 1);
    clock.idle(50);
    history.begin();
    clock.idle(10);
    deliver(10, 3);
    history.end();
    for (const { report } of history.read(600)) expect(report.stages[0]?.heldUpMs ?? 0).toBe(report.inputMs);
  });

  it('returns fewer parts on request', () => {
    const { history, deliver } = pipeline(clock);
    for (let i = 0; i < 100; i++) deliver(20, 5);
    history.end();
    const parts = history.read(10);
    expect(parts.length).toBeLessThanOrEqual(10);
    expect(sumOf(parts.map(({ report }) => report.stages[0]?.figures.records ?? 0))).toBe(100);
  });
});
