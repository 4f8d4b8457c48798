import type { Observable } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from './parseOptions.js';
import { isObservable } from './showValue.js';

const source = z.custom<Observable<unknown>>(isObservable, 'expected an Observable');
const listSchema = z.strictObject({ sources: z.array(source) });
const namedSchema = z.strictObject({ sources: z.record(z.string(), source) });

/**
 * Checks that the sources of an operator are Observables: an array of them, or an object if that is allowed.
 *
 * @throws ConfigError with the path.
 */
export function requireSources(what: string, sources: unknown, { isNamed }: { readonly isNamed: boolean }): void {
  parseOptions(what, isNamed ? namedSchema : listSchema, { sources });
}
