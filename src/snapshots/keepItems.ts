import { concatMap, defer, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { warn } from '../base/warn.js';
import { withPass } from '../resume/pass.js';
import { abortable } from '../sources/abortable.js';
import { countPasses } from '../sources/countPasses.js';
import type { WritableStore } from '../stores/store.js';
import { findSnapshot, readSnapshot } from './readSnapshot.js';
import { writeSnapshot } from './writeSnapshot.js';

export interface KeepItemsOptions {
  /** The name of the stage, for errors and reports. */
  readonly name: string;
  readonly store: WritableStore;
  /** The path of the option, for errors. */
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
  /** Returns a path or URL that depends on everything that determines the items. Its scheme is in lower case. */
  readonly url: () => string | Promise<string>;
}

/** The operator of `snapshot` and of `cache` with a file. The caller validates the options. */
export function keepItems<T>(options: KeepItemsOptions): MonoTypeOperatorFunction<T> {
  const { name, store, signal } = options;
  const counted = countPasses<T>(name, { path: options.path, remedy: 'Check the source and the key.' });
  let hasWarned = false;
  const warnOnce = (reason: string): void => {
    if (!hasWarned) warn('MILLRACE_SNAPSHOT_INCOMPLETE', `${name}: the items were not saved, because ${reason}.`);
    hasWarned = true;
  };
  const onIncomplete = (): void => {
    const remedy = `If take() follows ${name}(), put take() before ${name}()`;
    if (!signal?.aborted) warnOnce(`the subscriber unsubscribed before the source ended. ${remedy}`);
  };
  return (source) =>
    withPass((pass) => {
      const input = pass?.ledger.input(pass.ledger.numbered(name), 'records');
      const items$ = defer(async () => {
        const file = { name, store, url: await options.url() };
        return { file, object: await findSnapshot(file) };
      }).pipe(
        concatMap(({ file, object }): Observable<T> => {
          const { url } = file;
          // The fact is only the file's name, because the folder may differ between hosts.
          input?.announceFacts({ file: url.slice(url.lastIndexOf('/') + 1) });
          const isCurrent = async (): Promise<boolean> => {
            const isSame = (await options.url()) === url;
            if (!isSame) warnOnce('the key has changed during the epoch');
            return isSame;
          };
          return object
            ? readSnapshot<T>({ store, object }, { name, input })
            : writeSnapshot(source, file, { isCurrent, input, onIncomplete });
        }),
      );
      return items$.pipe(counted, abortable(signal));
    });
}
