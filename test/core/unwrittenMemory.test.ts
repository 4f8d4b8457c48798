import { constants, PerformanceObserver } from 'node:perf_hooks';
import { runInNewContext } from 'node:vm';
import { unwrittenMemory } from '../../src/core/unwrittenMemory.js';

const MEBIBYTE = 1024 * 1024;

/** The kinds of the collections of garbage while some work runs; it waits until there is one. */
async function collectionsDuring(work: () => void): Promise<readonly unknown[]> {
  const entries = await new Promise<readonly object[]>((resolve) => {
    const observer = new PerformanceObserver((list) => {
      observer.disconnect();
      resolve(list.getEntries());
    });
    observer.observe({ entryTypes: ['gc'] });
    work();
  });
  return entries.map((entry) => (entry as { readonly detail: { readonly kind: unknown } }).detail.kind);
}

describe('unwrittenMemory', () => {
  it('is memory of its own', () => {
    const [one, other] = [unwrittenMemory(8), unwrittenMemory(8)];
    expect(one.byteLength).toBe(8);
    expect(one.buffer.byteLength).toBe(8);
    expect(other.buffer).not.toBe(one.buffer);
  });

  it('collects the young garbage after each 16 MiB', async () => {
    const kinds = await collectionsDuring(() => {
      for (let i = 0; i < 160; i++) unwrittenMemory(MEBIBYTE).fill(1);
    });
    const minor = kinds.filter((kind) => kind === constants.NODE_PERFORMANCE_GC_MINOR);
    expect(minor.length).toBeGreaterThanOrEqual(9);
  });

  it('leaves the collector to those who were given it', () => {
    const collectors = () => [globalThis.gc, runInNewContext('typeof gc') as unknown];
    const before = collectors();
    unwrittenMemory(16 * MEBIBYTE);
    expect(collectors()).toEqual(before);
  });
});
