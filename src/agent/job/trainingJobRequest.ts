import { z } from 'zod';
import { ConfigError } from '../../base/errors.js';
import { lazy } from '../../base/lazy.js';
import { parseOptions } from '../../base/parseOptions.js';
import { localPath } from '../../base/localPath.js';
import { readJson } from '../../base/readJson.js';
import { checkpointConfigSchema } from './checkpointConfig.js';
import { quote } from '../../base/showValue.js';
import { closedObject } from './closedObject.js';
import {
  channelFault,
  jobChannelSchema,
  requestedModeSchema,
  type ChannelFault,
  type JobChannel,
} from './jobChannel.js';
import { hostCount } from './hostCount.js';
import { errorOfFault, pipeFaultSchema } from './pipeFault.js';

const stringValue = lazy(() =>
  z.string({
    error: ({ input }) =>
      `SageMaker accepts strings only: write ${quote(typeof input === 'bigint' ? String(input) : (JSON.stringify(input) ?? ''))}`,
  }),
);

const environmentSchema = lazy(() =>
  z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), stringValue(), {
    error: ({ code }) =>
      code === 'invalid_key'
        ? 'expected a variable name of letters, digits and _ that does not begin with a digit'
        : undefined,
  }),
);

/** SageMaker has no default. This package is made for Pipe mode. */
const DEFAULT_MODE = 'Pipe';

const withoutEffect = lazy(() => z.unknown().optional());

const channelsSchema = lazy(() =>
  z
    .array(jobChannelSchema())
    .min(1)
    .max(20)
    .superRefine((channels, context) => {
      const names = channels.map((channel) => channel.ChannelName);
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) === index) continue;
        context.addIssue({
          code: 'custom',
          path: [index, 'ChannelName'],
          message: `expected unique names, found two channels with the name "${name}"`,
        });
      }
    }),
);

const requestSchema = lazy(() =>
  closedObject({
    TrainingJobName: z
      .string()
      .regex(
        /^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$/,
        'expected a job name of 1 to 63 letters, digits and hyphens that does not begin or end with a hyphen',
      )
      .default('millrace-local'),
    InputDataConfig: channelsSchema(),
    HyperParameters: z.record(z.string(), stringValue()).default({}),
    Environment: environmentSchema().default({}),
    AlgorithmSpecification: closedObject({
      TrainingInputMode: requestedModeSchema().default(DEFAULT_MODE),
      TrainingImage: withoutEffect(),
      TrainingImageConfig: withoutEffect(),
      AlgorithmName: withoutEffect(),
      ContainerEntrypoint: withoutEffect(),
      ContainerArguments: withoutEffect(),
      MetricDefinitions: withoutEffect(),
      EnableSageMakerMetricsTimeSeries: withoutEffect(),
    }).prefault({}),
    ResourceConfig: closedObject({
      InstanceCount: hostCount().default(1),
      InstanceType: z.string().default('local'),
      VolumeSizeInGB: withoutEffect(),
      VolumeKmsKeyId: withoutEffect(),
      KeepAlivePeriodInSeconds: withoutEffect(),
      TrainingPlanArn: withoutEffect(),
    }).prefault({}),
    CheckpointConfig: checkpointConfigSchema().optional(),
    DebugHookConfig: withoutEffect(),
    DebugRuleConfigurations: withoutEffect(),
    EnableInterContainerTrafficEncryption: withoutEffect(),
    EnableManagedSpotTraining: withoutEffect(),
    EnableNetworkIsolation: withoutEffect(),
    ExperimentConfig: withoutEffect(),
    InfraCheckConfig: withoutEffect(),
    OutputDataConfig: withoutEffect(),
    ProfilerConfig: withoutEffect(),
    ProfilerRuleConfigurations: withoutEffect(),
    RemoteDebugConfig: withoutEffect(),
    RetryStrategy: withoutEffect(),
    RoleArn: withoutEffect(),
    SessionChainingConfig: withoutEffect(),
    StoppingCondition: withoutEffect(),
    Tags: withoutEffect(),
    TensorBoardOutputConfig: withoutEffect(),
    VpcConfig: withoutEffect(),
    /** The key is in lower case, because it is not a key of SageMaker. */
    faults: z.array(pipeFaultSchema()).readonly().default([]),
  }),
);

/** In the output, each channel has an `InputMode`. */
export const trainingJobSchema = lazy((): z.ZodType<TrainingJobSpec, TrainingJobRequest> =>
  requestSchema().transform((job, context) => {
    const InputDataConfig = job.InputDataConfig.map((channel): JobChannel => {
      return { ...channel, InputMode: channel.InputMode ?? job.AlgorithmSpecification.TrainingInputMode };
    });
    for (const [index, channel] of InputDataConfig.entries()) {
      const fault = channelFault(channel) ?? nameFault(channel, InputDataConfig);
      if (fault) context.addIssue({ code: 'custom', ...fault, path: ['InputDataConfig', index, ...fault.path] });
    }
    for (const index of job.faults.keys()) {
      const fault = errorOfFault(job.faults, index, InputDataConfig);
      if (fault) context.addIssue({ code: 'custom', ...fault, path: ['faults', index, ...fault.path] });
    }
    return { ...job, InputDataConfig };
  }),
);

/** Rejects a channel in File mode whose path is the FIFO of another channel. */
function nameFault({ ChannelName, InputMode }: JobChannel, channels: readonly JobChannel[]): ChannelFault | undefined {
  const [, owner] = /^(.+)_\d+$/.exec(ChannelName) ?? [];
  const isTaken = channels.some((other) => other.InputMode === 'Pipe' && other.ChannelName === owner);
  if (InputMode === 'Pipe' || !isTaken) return undefined;
  return {
    path: ['ChannelName'],
    message: `the FIFO ${ChannelName} of the Pipe-mode channel "${owner}" has the same name: rename one of the two channels`,
  };
}

/**
 * A training job: SageMaker's CreateTrainingJob request. Each `S3Uri` is a folder, a file, a `file://` URL, or an
 * `s3://` URI. For `s3://`, see the agent's options `map`, `s3Root` and `store`.
 *
 * The agent supports every `S3DataType` and `InputMode`, sharding, shuffling, compression, RecordIO, `HyperParameters`,
 * `Environment`, `TrainingJobName`, `CheckpointConfig` and `InstanceCount`. SageMaker does not have the key `faults`.
 *
 * Keys about Amazon's machines, accounts and billing have no effect, for example `RoleArn`, `OutputDataConfig`,
 * `StoppingCondition` and `TrainingImage`. Unknown keys and unsupported values are errors.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
 */
export type TrainingJobRequest = z.input<ReturnType<typeof requestSchema>>;

/** A checked training job. Missing keys have their defaults. */
export interface TrainingJobSpec extends z.output<ReturnType<typeof requestSchema>> {
  readonly InputDataConfig: JobChannel[];
}

/**
 * Reads a training job from a JSON file.
 *
 * @throws ConfigError if the file cannot be read, is not JSON, or has an unsupported key or value. The error's `path`
 *   is the key.
 */
export function readTrainingJob(path: string): TrainingJobSpec {
  parseOptions('readTrainingJob', localPath(), path);
  const job = readJson(path);
  refusePipeline(path, job);
  return parseOptions(path, trainingJobSchema(), job);
}

function refusePipeline(path: string, job: unknown): void {
  if (typeof job !== 'object' || job === null || !('channels' in job) || 'InputDataConfig' in job) return;
  const message = `${path} is a pipeline, not a training job: run it with millrace run ${path}`;
  throw new ConfigError(message, { path: 'channels' });
}
