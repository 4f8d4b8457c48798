import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import type * as operators from '../../operators/mapInWorkers.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import type * as sources from '../../src/sources/inWorker.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { compiled } from '../support/compiled.js';
import { nextTurn } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

// A worker of the compiled package starts without tsx, which takes most of a second.
const { inWorker } = (await import(compiled('src/sources/inWorker.ts'))) as typeof sources;
const { mapInWorkers } = (await import(compiled('operators/mapInWorkers.ts'))) as typeof operators;

const newFolder = temporaryFolders();

/** Returns the URL of a module with this code. */
function moduleOf(code: string): URL {
  const path = join(newFolder(), 'module.mjs');
  writeFileSync(path, code);
  return pathToFileURL(path);
}

/** Returns the error of `inWorker` for a module with this code. */
function errorOf(code: string): Promise<unknown> {
  return lastValueFrom(inWorker(moduleOf(code))).catch((error: unknown) => error);
}

const NEVER_SETTLES = 'await new Promise(() => {}); export const pipeline = 1; export const map = 1;';

describe('a worker that cannot load its module', () => {
  it('names a top-level await that never settles, with inWorker and mapInWorkers', async () => {
    const expected = {
      code: 'ERR_WORKER',
      message: expect.stringMatching(/: a top-level await in file:.*module\.mjs or its imports never settles/),
    };
    expect(await errorOf(NEVER_SETTLES)).toMatchObject(expected);
    const mapped$ = fromIterable([1]).pipe(mapInWorkers(moduleOf(NEVER_SETTLES), { workers: 1 }));
    await expect(lastValueFrom(mapped$)).rejects.toMatchObject(expected);
  });

  it('says what to do instead of an async function', async () => {
    expect(await errorOf('export const pipeline = async () => 1;')).toMatchObject({
      path: 'exportName',
      message: expect.stringContaining(
        'found a function that returns a Promise. Remove async, and use await at the top',
      ),
    });
  });

  it('says how to find the line of a syntax error', async () => {
    expect(await errorOf('let x = ;')).toMatchObject({
      path: 'module',
      message: expect.stringMatching(
        /Unexpected token ';'.* Run the module alone, as in node module\.js, to see the line\.$/,
      ),
    });
  });

  it('names the line of an import that does not exist', async () => {
    const code = `\nimport { nope } from 'node:fs';`;
    expect(await errorOf(code)).toMatchObject({ path: 'module', message: expect.stringMatching(/module\.mjs:2\)$/) });
  });

  it('emits no warning about its end, with any number of workers', async () => {
    const warnings = await collectWarnings(async () => {
      const items$ = inWorker(moduleOf('let x = ;'), { workers: 2 });
      await lastValueFrom(items$).catch(() => undefined);
      await items$.close();
      await nextTurn();
    });
    expect(warnings).toEqual([]);
  });
});
