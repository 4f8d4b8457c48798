import type { Observable, OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { callback, parseOptions } from '../../base/parseOptions.js';
import { zodSchema } from '../../base/zodSchema.js';

/** An operator of a declared pipeline, with unknown item types. */
export type StageOperator = (source: Observable<never>) => Observable<unknown>;

/** A stage for declared pipelines. */
export interface StageDefinition {
  /** The value of the property `stage` in the declaration. */
  readonly name: string;
  /** The schema of all properties except `stage`. */
  readonly options: z.ZodObject;
  /** Makes the operator from validated options. Called once for each pipeline. */
  readonly build: (options: never) => StageOperator;
}

/** A stage of this package. Its schema is built at the first use. */
export interface BuiltInStage extends Pick<StageDefinition, 'name' | 'build'> {
  readonly options: () => z.ZodObject;
}

export function builtInStage<S extends z.ZodObject, T, R>(stage: {
  readonly name: string;
  readonly options: () => S;
  readonly build: (options: z.output<S>) => OperatorFunction<T, R>;
}): BuiltInStage {
  return stage;
}

const definitionSchema = lazy(() =>
  z.looseObject({
    name: z.string().min(1),
    options: zodSchema().refine((schema) => schema instanceof z.ZodObject, 'expected a schema made by z.strictObject'),
    build: callback<StageDefinition['build']>(),
  }),
);

/**
 * Defines a custom stage for {@link definePipeline}.
 *
 * ```ts
 * import { definePipeline, defineStage } from 'millrace';
 * import { filter } from 'rxjs';
 * import { z } from 'zod';
 *
 * const minLength = defineStage({
 *   name: 'minLength',
 *   options: z.strictObject({ bytes: z.int().positive() }),
 *   build: ({ bytes }) => filter((record: Uint8Array) => record.byteLength >= bytes),
 * });
 *
 * const records$ = definePipeline(
 *   { channels: { train: { recordFormat: 'TFRecord' } }, stages: [{ stage: 'minLength', bytes: 10 }] },
 *   { stages: [minLength] },
 * );
 * ```
 *
 * Throws a ConfigError if `options` is not an object schema of zod 4.
 */
export function defineStage<S extends z.ZodObject, T, R>(definition: {
  readonly name: string;
  readonly options: S;
  readonly build: (options: z.output<S>) => OperatorFunction<T, R>;
}): StageDefinition {
  parseOptions('defineStage', definitionSchema(), definition);
  return definition;
}
