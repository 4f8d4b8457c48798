import { Observable, type MonoTypeOperatorFunction, type Subscriber } from 'rxjs';
import type { Announcement } from './cursor.js';
import { ConfigError } from '../base/errors.js';
import { carriedBelow } from '../demand/carried.js';
import { carriedMemory } from '../demand/chunkMemory.js';
import type { Ledger } from './ledger.js';
import { operate, type Handlers } from '../demand/operate.js';
import { PROTOCOL, shared } from '../base/shared.js';

/** One subscription to a pipeline with `resumable`. */
export interface Pass {
  /** The number of the epoch, from 0. A resumed process continues with the number of the saved epoch. */
  readonly epoch: number;
  readonly ledger: Ledger;
}

export const PASS = Symbol.for(`millrace.pass@${PROTOCOL}`);

/** The pass that is being subscribed. Used to detect broken subscriber chains. */
const subscriptions = shared('subscriptions', (): { pass: Pass | undefined } => ({ pass: undefined }));

/**
 * Returns the pass of a subscriber, or `undefined` if there is no `resumable` downstream.
 *
 * @throws ConfigError if the chain of subscribers to a downstream `resumable` is broken.
 */
export function passOf(subscriber: Subscriber<unknown>): Pass | undefined {
  const pass = carriedBelow(subscriber, PASS) as Pass | undefined;
  if (pass || !subscriptions.pass) return pass;
  throw new ConfigError(
    'resumable: the epoch number does not reach the source, because an operator between the source and resumable, for ' +
      'example share() or a custom operator, does not pass this number on. Put resumable before this operator, or ' +
      'write a custom operator as a chain of RxJS operators.',
    { path: '' },
  );
}

export function withPass<T>(make: (pass: Pass | undefined) => Observable<T>): Observable<T> {
  return new Observable((destination) => make(passOf(destination)).subscribe(destination));
}

export function tellStage(subscriber: Subscriber<unknown>, stage: string, options: Announcement): void {
  passOf(subscriber)?.ledger.stage(stage, options);
}

/** The reason and the remedy for operators with `ordered: false`. */
export const UNORDERED = 'The order of the items depends on timing. Remove { ordered: false }.';

/**
 * @param why - the reason and the alternative, as sentences.
 * @throws ConfigError if there is a `resumable` downstream.
 */
export function refuseResuming(subscriber: Subscriber<unknown>, stage: string, why: string): void {
  if (passOf(subscriber)) throw new ConfigError(`resumable: ${stage} cannot be resumed. ${why}`, { path: '' });
}

export function refuseRandomSeed(subscriber: Subscriber<unknown>, stage: string, seed: number | undefined): void {
  if (seed === undefined) refuseResuming(subscriber, stage, 'The seed is random. Set the option "seed".');
}

export function tellBytes(
  describe: (ledger: Ledger) => { readonly name: string; readonly facts: Announcement },
): MonoTypeOperatorFunction<Uint8Array> {
  return (source) =>
    withPass((pass) => {
      if (!pass) return source;
      const { name, facts } = describe(pass.ledger);
      const input = pass.ledger.input(name, 'bytes');
      input.announceFacts(facts);
      return operate<Uint8Array, Uint8Array>(source, (destination) => ({
        carries: carriedMemory(destination),
        next: (chunk) => {
          input.readBytes(chunk);
          destination.next(chunk);
        },
        complete: () => {
          input.end();
          destination.complete();
        },
      }));
    });
}

/** Subscribes so that all upstream subscribers can find `pass`. */
export function underPass<T>(
  source: Observable<T>,
  begin: (destination: Subscriber<T>) => { readonly pass: Pass; readonly handlers: Handlers<T> },
): Observable<T> {
  return new Observable<T>((destination) => {
    const { pass, handlers } = begin(destination);
    const outer = subscriptions.pass;
    const carrying$ = operate<T, T>(source, () => ({ ...handlers, carries: { [PASS]: pass } }));
    subscriptions.pass = pass;
    try {
      carrying$.subscribe(destination);
      pass.ledger.seal();
    } finally {
      subscriptions.pass = outer;
    }
  });
}

/**
 * Call this at the first item. After that, a subscriber with a broken chain may belong to another pipeline, and must
 * not fail.
 */
export function endSubscribing(pass: Pass): void {
  if (subscriptions.pass === pass) subscriptions.pass = undefined;
}
