import { basename } from 'node:path';
import type { ResourceLimits } from 'node:worker_threads';
import { z } from 'zod';
import { showValue } from '../../base/showValue.js';
import { overrunPolicy } from '../../base/optionFields.js';
import type { OverrunPolicy } from '../../demand/overrun.js';
import type { MovePolicy } from '../crossing/protocol.js';

/** What every function takes that starts workers. */
export interface WorkerOptions {
  /** Which export of the module is meant. */
  readonly exportName?: string | undefined;
  /** What the module's function is given: anything that structured clone takes; it is cloned at the call. */
  readonly data?: unknown;
  /**
   * Which memory leaves its thread by being moved, so that it is empty on the thread that it comes from: `fresh`, that of
   * batches which this package's own functions have just made; `all`, whatever an item's array fills alone; `none`. What
   * is not moved is copied by the thread that sends it. Default: `fresh`.
   */
  readonly move?: MovePolicy | undefined;
  /** Node's limits for a worker's memory. Default: none but those of the process. */
  readonly resourceLimits?: Readonly<ResourceLimits> | undefined;
  /** What to do when a source does not heed the demand. Default: `warn`, once. */
  readonly overrun?: OverrunPolicy | undefined;
}

/** The module that a worker imports. */
export const moduleSchema = z.custom<URL>(
  (value) => typeof value === 'object' && value !== null && 'href' in value && 'protocol' in value,
  'expected the URL of a module: new URL("./pipeline.js", import.meta.url)',
);

/** The schema of {@link WorkerOptions}. */
export const workerFields = {
  exportName: z.string().min(1).optional(),
  data: z
    .unknown()
    .transform((data, context): unknown => {
      try {
        return structuredClone(data);
      } catch (error) {
        context.addIssue({ code: 'custom', message: `cannot be sent to a worker: ${String(error)}`, input: data });
        return z.NEVER;
      }
    })
    .optional(),
  move: z.enum(['fresh', 'all', 'none']).default('fresh'),
  resourceLimits: z
    .strictObject({
      maxOldGenerationSizeMb: z.number().positive().optional(),
      maxYoungGenerationSizeMb: z.number().positive().optional(),
      codeRangeSizeMb: z.number().positive().optional(),
      stackSizeMb: z.number().positive().optional(),
    })
    .optional(),
  overrun: overrunPolicy.optional(),
};

/** What a module is called in messages: `pipeline.js`. */
export function nameOfModule(module: unknown): string {
  const { pathname } = (module ?? {}) as { readonly pathname?: unknown };
  return typeof pathname === 'string' ? basename(pathname) : showValue(module);
}
