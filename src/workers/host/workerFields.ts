import { basename } from 'node:path';
import type { ResourceLimits } from 'node:worker_threads';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { showValue } from '../../base/showValue.js';
import { overrunPolicy } from '../../base/optionFields.js';
import type { OverrunPolicy } from '../../demand/overrun.js';
import type { MovePolicy } from '../crossing/protocol.js';

/** Options of the functions that start workers. */
export interface WorkerOptions {
  /** The export of the module to use. Default: `pipeline` for `inWorker`, `map` for `mapInWorkers`. */
  readonly exportName?: string | undefined;
  /** The argument for the module's function: any value that structured clone accepts. Cloned at the call. */
  readonly data?: unknown;
  /**
   * The memory to move instead of copying. Moved memory is detached on the sending thread. `fresh` moves arrays that a
   * function of this package has made for this item only. `all` moves each array that covers its whole buffer. `none`
   * moves nothing. Default: `fresh`.
   */
  readonly move?: MovePolicy | undefined;
  /** The memory limits of a worker, as in Node.js. Default: the limits of the process. */
  readonly resourceLimits?: Readonly<ResourceLimits> | undefined;
  /** The reaction to unrequested items. Default: `warn`, once. */
  readonly overrun?: OverrunPolicy | undefined;
}

export const moduleSchema = lazy(() =>
  z.custom<URL>(
    (value) => typeof value === 'object' && value !== null && 'href' in value && 'protocol' in value,
    'expected the URL of a module: new URL("./pipeline.js", import.meta.url)',
  ),
);

export const workerFields = lazy(() => ({
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
  overrun: overrunPolicy().optional(),
}));

export function nameOfModule(module: unknown): string {
  const { pathname } = (module ?? {}) as { readonly pathname?: unknown };
  return typeof pathname === 'string' ? basename(pathname) : showValue(module);
}
