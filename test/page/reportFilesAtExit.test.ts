import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { prefetch } from '../../operators/prefetch.js';
import { report } from '../../operators/report.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { compiledUrl } from '../support/compiled.js';
import { notifications } from '../support/notifications.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

/** Runs a process that ends in the loop over the items, and returns the text of its page and the events of its trace. */
async function endInLoop(ending: string): Promise<{ readonly page: string; readonly events: readonly unknown[] }> {
  const folder = newFolder();
  writeFileSync(
    join(folder, 'main.mjs'),
    `import { fromIterable, toAsyncIterable } from '${compiledUrl('lib/index.js')}';
    import { prefetch, report } from '${compiledUrl('lib/operators.js')}';
    const watched = report({ page: 'report.html', trace: 'trace.json' });
    for await (const item of toAsyncIterable(fromIterable([1, 2, 3]).pipe(prefetch(1), watched))) {
      if (item === 2) ${ending};
    }`,
  );
  await new Promise<void>((resolve) => {
    execFile(process.execPath, ['main.mjs'], { cwd: folder }, () => resolve());
  });
  const { traceEvents } = JSON.parse(readFileSync(join(folder, 'trace.json'), 'utf8')) as {
    readonly traceEvents: readonly unknown[];
  };
  return { page: readFileSync(join(folder, 'report.html'), 'utf8'), events: traceEvents };
}

describe('the files of report at the end of the process', () => {
  it.each([
    ['process.exit during a subscription', 'process.exit(3)'],
    [
      'an uncaught exception during a subscription',
      `setTimeout(() => { throw new Error('broken'); }), await new Promise(() => {})`,
    ],
    ['nothing left to do during a subscription', 'await new Promise(() => {})'],
  ])('are written after %s', async (_name, ending) => {
    const { page, events } = await endInLoop(ending);
    expect(page).toContain('<th scope="row">prefetch(1)</th>');
    expect(events).toContainEqual(expect.objectContaining({ ph: 'C', name: 'prefetch(1) per second' }));
  });

  it('use one listener of the process for any number of reports', () => {
    const before = process.listenerCount('exit');
    const subscriptions = Array.from({ length: 12 }, (_, i) =>
      fromIterable([]).pipe(report({ page: join(newFolder(), `${i}.html`) })),
    ).map((items$) => items$.subscribe());
    for (const subscription of subscriptions) subscription.unsubscribe();
    expect(process.listenerCount('exit')).toBeLessThanOrEqual(before + 1);
  });

  it('are not shared by two reports without a warning, which each report emits once', async () => {
    const page = join(newFolder(), 'report.html');
    const [first, second] = [report({ page }), report({ page })];
    const warnings = await collectWarnings(() => {
      for (const watched of [first, second, first, second]) notifications(fromIterable([1]).pipe(prefetch(1), watched));
    });
    expect(warnings).toMatchObject([
      { code: 'MILLRACE_REPORT_FILE', message: expect.stringContaining(`another report writes ${page} too`) },
      { code: 'MILLRACE_REPORT_FILE' },
    ]);
  });
});
