import { z } from 'zod';
import { ConfigError } from '../../base/errors.js';
import { isSpreadable } from '../../base/parseOptions.js';
import { showValue } from '../../base/showValue.js';
import { builtInStages } from './builtInStages.js';
import { mapInWorkersStage } from './mapInWorkersStage.js';
import { pipelineSchemaOf } from './pipelineSchema.js';
import { snapshotDefinition } from './snapshotStage.js';
import { tellKindsApart } from './tellKindsApart.js';
import type { StageDefinition } from './stageDefinition.js';

/** The id is not a web address, because the schema is a file in the package. */
const PUBLISHED_ID = 'urn:millrace:pipeline';

/**
 * Returns the JSON Schema of declared pipelines, for editors. The package contains the schema of the built-in stages in
 * `docs/pipeline.schema.json`. For custom stages, write your own schema file. Descriptions come from `describe()` of
 * the zod schemas.
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
 * @returns a schema of draft 2020-12, which has no `$id` if there are custom stages.
 */
export function pipelineJsonSchema(stages: readonly StageDefinition[] = []): Record<string, unknown> {
  const given: unknown = stages;
  if (!Array.isArray(given) || !given.every((stage) => isSpreadable(stage))) {
    const message = `pipelineJsonSchema: expected an array of results of defineStage(), found ${showValue(stages)}`;
    throw new ConfigError(message, { path: 'stages' });
  }
  const schema = pipelineSchemaOf([...builtInStages(), snapshotDefinition(), mapInWorkersStage({}), ...stages]);
  const { $schema, ...body } = z.toJSONSchema(schema, {
    io: 'input',
    // JSON cannot represent defaults that are bigints or bytes. The JSON Schema accepts any value for these defaults.
    unrepresentable: 'any',
    reused: 'ref',
    override: ({ zodSchema, jsonSchema }) => {
      tellKindsApart(zodSchema, jsonSchema);
      // If the type were kept, a value of a wrong type would cause two errors.
      if (jsonSchema.enum ?? jsonSchema.const) delete jsonSchema.type;
    },
  });
  const id = given.length === 0 ? { $id: PUBLISHED_ID } : {};
  const title = 'Millrace pipeline';
  const description = 'Channels of a training job, or files, and the stages that their records pass through.';
  return { $schema, ...id, title, description, ...body };
}
