import { Observable, type MonoTypeOperatorFunction, type Subscriber } from 'rxjs';
import type { Announcement } from './cursor.js';
import { ConfigError } from '../base/errors.js';
import { carriedBelow } from '../demand/carried.js';
import type { Ledger } from './ledger.js';
import { operate, type Handlers } from '../demand/operate.js';
import { PROTOCOL, shared } from '../base/shared.js';

/** One pass over a pipeline that can be resumed: what `resumable` carries for all above it. */
export interface Pass {
  /** The epoch, from 0, over all processes: an order that changes from epoch to epoch is a function of it. */
  readonly epoch: number;
  /** Takes down what stands above. */
  readonly ledger: Ledger;
}

/** The property by which a subscriber carries the {@link Pass} that all above it belong to. */
export const PASS = Symbol.for(`millrace.pass@${PROTOCOL}`);

/** The pass whose source is being subscribed, so that who cannot find it by the chain is found out. */
const subscriptions = shared('subscriptions', (): { pass: Pass | undefined } => ({ pass: undefined }));

/**
 * The pass that a new subscription belongs to; `undefined` where no `resumable` stands below.
 *
 * @throws ConfigError where one does, and the chain of subscribers does not lead to it.
 */
export function passOf(subscriber: Subscriber<unknown>): Pass | undefined {
  const pass = carriedBelow(subscriber, PASS) as Pass | undefined;
  if (pass || !subscriptions.pass) return pass;
  throw new ConfigError(
    'resumable: share, or an operator made by hand, stands between it and a source or stage, which so cannot learn the ' +
      'epoch that is resumed. Put resumable above that operator, or compose it of operators of RxJS.',
    { path: '' },
  );
}

/** An Observable that is made anew for each subscription, from the pass that it belongs to. */
export function withPass<T>(make: (pass: Pass | undefined) => Observable<T>): Observable<T> {
  return new Observable((destination) => make(passOf(destination)).subscribe(destination));
}

/** Tells the pass, where there is one, of a stage on whose options the items depend. */
export function tellStage(subscriber: Subscriber<unknown>, stage: string, options: Announcement): void {
  passOf(subscriber)?.ledger.stage(stage, options);
}

/**
 * Refuses to stand above a `resumable`.
 *
 * @param why - what makes it so, and what to use instead, as sentences.
 * @throws ConfigError where one stands below.
 */
export function refuseResuming(subscriber: Subscriber<unknown>, stage: string, why: string): void {
  if (passOf(subscriber)) throw new ConfigError(`resumable: ${stage} cannot be resumed. ${why}`, { path: '' });
}

/** The same, for a source. */
export function refusingToResume<T>(source: Observable<T>, name: string, why: string): Observable<T> {
  return new Observable((destination) => {
    refuseResuming(destination, name, why);
    return source.subscribe(destination);
  });
}

/** Tells the pass, where there is one, of an input and of its bytes. */
export function tellBytes(
  describe: (ledger: Ledger) => { readonly name: string; readonly facts: Announcement },
): MonoTypeOperatorFunction<Uint8Array> {
  return (source) =>
    withPass((pass) => {
      if (!pass) return source;
      const { name, facts } = describe(pass.ledger);
      const input = pass.ledger.input(name, 'bytes');
      input.describe(facts);
      return operate<Uint8Array, Uint8Array>(source, (destination) => ({
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

/** Subscribes `source` for a pass, which all above find. */
export function underPass<T>(
  source: Observable<T>,
  begin: (destination: Subscriber<T>) => { readonly pass: Pass; readonly handlers: Handlers<T> },
): Observable<T> {
  return new Observable<T>((destination) => {
    const { pass, handlers } = begin(destination);
    const outer = subscriptions.pass;
    const told$ = operate<T, T>(source, () => ({ ...handlers, carries: { [PASS]: pass } }));
    subscriptions.pass = pass;
    try {
      told$.subscribe(destination);
      pass.ledger.seal();
    } finally {
      subscriptions.pass = outer;
    }
  });
}

/** What a subscription led to has begun to flow: what is subscribed from here on is somebody else's. */
export function endSubscribing(pass: Pass): void {
  if (subscriptions.pass === pass) subscriptions.pass = undefined;
}
