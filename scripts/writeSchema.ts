import { writeFileSync } from 'node:fs';
import { pipelineJsonSchema } from '../src/pipeline/declared/pipelineJsonSchema.js';
import { inlineDefinitions } from './inlineDefinitions.js';

/**
 * One line for each definition, because the package contains the schema, and white space would be a sixth of its packed
 * size.
 */
const { $defs = {}, ...body } = inlineDefinitions(pipelineJsonSchema());
const lines = (value: object): string =>
  Object.entries(value)
    .map(([name, part]) => `${JSON.stringify(name)}: ${JSON.stringify(part)}`)
    .join(',\n');
writeFileSync(
  'docs/pipeline.schema.json',
  `{\n${lines(body)},\n"$defs": {\n${lines($defs as Record<string, unknown>)}\n}\n}\n`,
);
