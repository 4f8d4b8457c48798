import { z } from 'zod';
import { ConfigError } from '../../base/errors.js';
import { isReadable } from '../../base/parseOptions.js';
import { showValue } from '../../base/showValue.js';
import { BUILT_IN_STAGES } from './builtInStages.js';
import { mapInWorkersStage } from './mapInWorkersStage.js';
import { pipelineSchemaOf } from './pipelineSchema.js';
import type { StageDefinition } from './stageDefinition.js';

/**
 * Returns the JSON Schema of declared pipelines, for editors. `docs/pipeline.schema.json` in the package has the
 * built-in stages. If you have your own stages, write your own schema file.
 *
 * ```ts
 * import { pipelineJsonSchema } from 'millrace';
 * import { writeFileSync } from 'node:fs';
 *
 * writeFileSync('pipeline.schema.json', JSON.stringify(pipelineJsonSchema()));
 * ```
 *
 * Throws a ConfigError if `stages` is not an array of stages.
 *
 * @param stages - your own stages. Default: none.
 * @see https://json-schema.org/draft/2020-12
 */
export function pipelineJsonSchema(stages: readonly StageDefinition[] = []): Record<string, unknown> {
  const given: unknown = stages;
  if (!Array.isArray(given) || !given.every((stage) => isReadable(stage))) {
    const message = `pipelineJsonSchema: expected an array of what defineStage() returns, found ${showValue(stages)}`;
    throw new ConfigError(message, { path: 'stages' });
  }
  const schema = pipelineSchemaOf([...BUILT_IN_STAGES, mapInWorkersStage({}), ...stages]);
  // JSON cannot represent some defaults (bigints, bytes), so these are left open.
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'ref' });
}
