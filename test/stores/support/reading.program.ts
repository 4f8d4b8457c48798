/** Reads from a server in every way. Prints what keeps the process alive after each. The process must end by itself. */
import { argv, getActiveResourcesInfo } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { take, type Observable } from 'rxjs';
import { ChannelError, httpStore, recordsFromFiles, storeBytes } from 'millrace';

/** Closing a socket takes a few turns. */
const MOST_TURNS = 1000;

/** With and without faults: an object without ranges cannot continue after a cut. */
const [base, soundBase] = argv.slice(2) as [string, string];
const patient = httpStore({ attempts: 1000, backoffMs: 0.5, idleTimeoutMs: 600_000 });
const hasty = httpStore({ attempts: 2, backoffMs: 0.5, idleTimeoutMs: 50 });
const ranges = { rangeBytes: 1000, concurrency: 4 };

const object = (path: string, hasRanges = true) => ({
  url: base + path,
  byteLength: 10_000,
  version: '"v1"',
  hasRanges,
});
const bytesOf = (path: string, store = patient) => storeBytes(store, object(path), ranges);
const wholeOf = (path: string) => storeBytes(patient, { ...object(path, false), url: soundBase + path });
const files = (paths: readonly string[], signal?: AbortSignal) =>
  recordsFromFiles(
    paths.map((path) => base + path),
    { recordFormat: (bytes$) => bytes$, compression: 'none', store: patient, signal, ...ranges },
  );

/** Subscribes, and calls `atFirst` at the first item. Resolves at the end. */
function read(source$: Observable<unknown>, atFirst: (unsubscribe: () => void) => void = () => undefined) {
  return new Promise<string>((resolve) => {
    let count = 0;
    const subscription = source$.subscribe({
      next: () => {
        if (count++ > 0) return;
        atFirst(() => {
          // The source may be inside a notification.
          queueMicrotask(() => {
            subscription.unsubscribe();
            resolve('unsubscribed');
          });
        });
      },
      error: (error: unknown) => resolve(error instanceof ChannelError ? error.code : (error as Error).message),
      complete: () => resolve('complete'),
    });
  });
}

const unsubscribe = (stop: () => void): void => stop();

function aborted(open: (signal: AbortSignal) => Observable<unknown>): Promise<string> {
  const controller = new AbortController();
  return read(open(controller.signal), () => controller.abort(new Error('aborted')));
}

const WAYS: Readonly<Record<string, () => Promise<string>>> = {
  'ranges to the end': () => read(bytesOf('/x')),
  'whole to the end': () => read(wholeOf('/whole')),
  'many objects to the end': () => read(files(Array.from({ length: 10 }, () => '/x'))),
  'a refusal': () => read(bytesOf('/missing')),
  'a server that stays busy': () => read(bytesOf('/busy', hasty)),
  'a server that stays silent': () => read(bytesOf('/silent', hasty)),
  'a whole object that is refused': () => read(wholeOf('/missing')),
  'take(1)': () => read(bytesOf('/x').pipe(take(1))),
  'unsubscribed during requests': () => read(bytesOf('/silent-later'), unsubscribe),
  'unsubscribed during waits': () => read(bytesOf('/busy-later'), unsubscribe),
  'unsubscribed within a whole object': () => read(wholeOf('/whole-later'), unsubscribe),
  'unsubscribed with objects ahead': () => read(files(['/x', '/x', '/silent-later']), unsubscribe),
  'aborted during requests': () => aborted((signal) => files(['/silent-later'], signal)),
  'aborted during waits': () => aborted((signal) => files(['/busy-later'], signal)),
};

for (const [way, run] of Object.entries(WAYS)) {
  const ending = await run();
  for (let turn = 0; turn < MOST_TURNS && getActiveResourcesInfo().length > 0; turn++) await setImmediate();
  const left = getActiveResourcesInfo().map((name) => `, left ${name}`);
  console.log(`${way}: ${ending}${left.join('')}`);
}
