import { Observable, type Subscriber } from 'rxjs';
import { PROTOCOL } from '../base/shared.js';
import { carriedBelow } from './carried.js';

export const OUTPUT = Symbol.for(`millrace.output@${PROTOCOL}`);

/** The files that the consumer of a pipeline writes. The sources of the pipeline must not read these files. */
export interface WrittenFiles {
  /** @throws ConfigError if the run writes or removes the file. */
  readonly refuse: (path: string) => void;
}

/**
 * Returns `undefined` if the downstream consumer writes no files, or if `share` or a custom operator breaks the chain
 * of subscribers.
 */
export function outputBelow(subscriber: Subscriber<unknown>): WrittenFiles | undefined {
  return carriedBelow(subscriber, OUTPUT) as WrittenFiles | undefined;
}

/** Returns the source. Subscriptions to it fail if the consumer writes the file at `path`. */
export function unlessWritten<T>(source: Observable<T>, path: string): Observable<T> {
  return new Observable<T>((destination) => {
    outputBelow(destination)?.refuse(path);
    return source.subscribe(destination);
  });
}
