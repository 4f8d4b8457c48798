import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { quote } from '../base/showValue.js';
import { channelNameSchema } from './channelName.js';
import { readJobFile } from './readJobFile.js';

const INPUT_MODES = { pipe: 'Pipe', file: 'File', fastfile: 'FastFile' } as const;

/** The input mode of a channel. For FastFile, SageMaker writes `File`. */
export type InputMode = (typeof INPUT_MODES)[keyof typeof INPUT_MODES];

const isMode = (mode: string): mode is keyof typeof INPUT_MODES => Object.hasOwn(INPUT_MODES, mode);

/** Accepts an input mode in any case, and returns SageMaker's spelling. */
export const inputModeSchema = lazy(() =>
  z.string().transform((mode, context): InputMode => {
    const key = mode.toLowerCase();
    if (isMode(key)) return INPUT_MODES[key];
    context.addIssue({ code: 'custom', message: `expected Pipe, File or FastFile, found ${quote(mode)}` });
    return z.NEVER;
  }),
);

export const channelConfigSchema = lazy(() =>
  z.looseObject({
    TrainingInputMode: inputModeSchema(),
    S3DistributionType: z.enum(['FullyReplicated', 'ShardedByS3Key']).optional(),
    RecordWrapperType: z.enum(['None', 'RecordIO']).optional(),
    ContentType: z.string().optional(),
  }),
);

export const inputDataConfigSchema = lazy(() => z.record(channelNameSchema(), channelConfigSchema()));

/** The validated content of `inputdataconfig.json`. */
export type InputDataConfig = z.output<ReturnType<typeof inputDataConfigSchema>>;

export function readInputDataConfig(configDir: string, remedy?: string): InputDataConfig {
  return readJobFile(configDir, 'inputdataconfig.json', inputDataConfigSchema(), remedy);
}
