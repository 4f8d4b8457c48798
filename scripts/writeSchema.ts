import { writeFileSync } from 'node:fs';
import { pipelineJsonSchema } from '../src/pipeline/declared/pipelineJsonSchema.js';

writeFileSync('docs/pipeline.schema.json', `${JSON.stringify(pipelineJsonSchema(), undefined, 2)}\n`);
