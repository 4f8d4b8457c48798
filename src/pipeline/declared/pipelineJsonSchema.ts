import { z } from 'zod';
import { ConfigError } from '../../base/errors.js';
import { isReadable } from '../../base/parseOptions.js';
import { showValue } from '../../base/showValue.js';
import { BUILT_IN_STAGES } from './builtInStages.js';
import { mapInWorkersStage } from './mapInWorkersStage.js';
import { pipelineSchemaOf } from './pipelineSchema.js';
import type { StageDefinition } from './stageDefinition.js';

/**
 * The JSON Schema of a declared pipeline, for editors. That of the built-in stages is `docs/pipeline.schema.json` in the
 * package; with stages of your own, write your own.
 *
 * ```ts
 * import { pipelineJsonSchema } from 'millrace';
 * import { writeFileSync } from 'node:fs';
 *
 * writeFileSync('pipeline.schema.json', JSON.stringify(pipelineJsonSchema()));
 * ```
 *
 * Throws a ConfigError if `stages` is no array.
 *
 * @param stages - kinds of stages besides the built-in ones.
 * @see https://json-schema.org/draft/2020-12
 */
export function pipelineJsonSchema(stages: readonly StageDefinition[] = []): Record<string, unknown> {
  const given: unknown = stages;
  if (!Array.isArray(given) || !given.every((stage) => isReadable(stage))) {
    const message = `pipelineJsonSchema: expected an array of what defineStage() returns, found ${showValue(stages)}`;
    throw new ConfigError(message, { path: 'stages' });
  }
  const schema = pipelineSchemaOf([...BUILT_IN_STAGES, mapInWorkersStage({}), ...stages]);
  // Defaults in code may be what JSON cannot hold (bigints, bytes): those are left open.
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'ref' });
}
