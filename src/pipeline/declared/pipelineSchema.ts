import { z } from 'zod';
import { sampleFromDatasetsSchema } from '../../../operators/sampleFromDatasets.js';
import { zipChannelsSchema } from '../../../operators/zipChannels.js';
import { lazy } from '../../base/lazy.js';
import { positiveInteger } from '../../base/parseOptions.js';
import { channelNameSchema } from '../../sagemaker/channelName.js';
import { channelSchemaOf } from './declaredChannel.js';
import type { StageDefinition } from './stageDefinition.js';

function stageSchemaOf(definitions: readonly Pick<StageDefinition, 'name' | 'options'>[]) {
  const kinds = definitions.map(({ name, options }) =>
    options.safeExtend({ stage: z.literal(name).describe('The kind of the stage.') }),
  );
  const schema: z.ZodType<ParsedStage> = z.discriminatedUnion('stage', kinds as never);
  return schema;
}

const how = <const H extends string>(name: H) => z.literal(name).describe('How the channels become one stream.');

const combineSchema = lazy(() => {
  const { seed, stopOnEmptyDataset } = sampleFromDatasetsSchema().shape;
  return z.discriminatedUnion('how', [
    z.strictObject({ how: how('zip'), ...zipChannelsSchema().shape }),
    z.strictObject({ how: how('merge') }),
    z.strictObject({ how: how('concat') }),
    z.strictObject({
      how: how('sample'),
      weights: z
        .record(z.string(), z.number().nonnegative())
        .optional()
        .describe('The relative probability of each channel. Default: the same probability for all channels.'),
      seed,
      stopOnEmptyDataset,
    }),
    z.strictObject({
      how: how('choose'),
      sequence: z
        .array(z.string())
        .min(1)
        .describe('The names of the channels, in the order in which they take turns.'),
    }),
  ]);
});

/** How several channels become one stream. */
export type CombineSpec = z.input<ReturnType<typeof combineSchema>>;

const workerSchema = lazy(() =>
  z.union([
    z.boolean(),
    z.strictObject({
      items: positiveInteger().optional().describe('The maximum number of items that the worker prepares ahead.'),
      bytes: positiveInteger()
        .optional()
        .describe('The maximum total size of the items that the worker prepares ahead, in bytes.'),
    }),
  ]),
);

/** Specifies if a worker thread runs the pipeline, and how many items it prepares ahead. */
export type WorkerSpec = z.input<ReturnType<typeof workerSchema>>;

/** Requires `combine` if there are several channels. `weights` and `sequence` must contain each channel. */
export function pipelineSchemaOf(definitions: readonly Pick<StageDefinition, 'name' | 'options'>[]) {
  const stages = z.array(stageSchemaOf(definitions)).default([]);
  return z
    .strictObject({
      $schema: z.string().optional().describe('The URL of this JSON Schema, for editors.'),
      channels: z
        .record(channelNameSchema(), channelSchemaOf(stages))
        .refine((channels) => Object.keys(channels).length > 0, 'expected at least one channel')
        .describe('The channels to read. Each key is the name of a channel of the training job.'),
      combine: combineSchema().optional().describe('How several channels become one stream.'),
      stages: stages.describe('The stages that the records pass through, in order.'),
      worker: workerSchema()
        .optional()
        .describe('If set to true or to an object of limits, the pipeline runs in a worker thread. Default: false.'),
    })
    .superRefine(({ channels, combine }, context) => {
      const names = Object.keys(channels);
      if (names.length > 1 && !combine) {
        const ways = combineSchema()
          .options.map(({ shape }) => JSON.stringify(shape.how.value))
          .join(' | ');
        const message = `expected { "how": ${ways} }, because there are several channels (${names.join(', ')})`;
        context.addIssue({ code: 'custom', path: ['combine'], message });
      }
      if (combine?.how === 'choose') {
        for (const [index, name] of combine.sequence.entries()) {
          if (names.includes(name)) continue;
          const path = ['combine', 'sequence', index];
          context.addIssue({ code: 'custom', path, message: `there is no channel ${name}` });
        }
        for (const name of names.filter((each) => !combine.sequence.includes(each))) {
          context.addIssue({
            code: 'custom',
            path: ['combine', 'sequence'],
            message: `expected the sequence to contain the channel ${name}`,
          });
        }
      }
      if (combine?.how !== 'sample' || !combine.weights) return;
      const { weights } = combine;
      for (const name of new Set([...names, ...Object.keys(weights)])) {
        if (Object.hasOwn(weights, name) && names.includes(name)) continue;
        const message = names.includes(name)
          ? `expected a weight for the channel ${name}`
          : `there is no channel ${name}`;
        context.addIssue({ code: 'custom', path: ['combine', 'weights', name], message });
      }
    });
}

export interface ParsedStage {
  readonly stage: string;
  readonly [option: string]: unknown;
}
