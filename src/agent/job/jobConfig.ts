import type { InputDataConfig } from '../../sagemaker/inputDataConfig.js';
import type { JobChannel } from './jobChannel.js';
import type { TrainingJobSpec } from './trainingJobRequest.js';

/** The files in `input/config`. The keys are file names without `.json`. */
export type JobConfig = ReturnType<typeof jobConfig>;

export interface HostPlace {
  readonly name: string;
  readonly hosts: readonly string[];
}

export function jobConfig(job: TrainingJobSpec, host: HostPlace) {
  return {
    hyperparameters: job.HyperParameters,
    inputdataconfig: inputDataConfig(job.InputDataConfig),
    resourceconfig: resourceConfig(job.ResourceConfig.InstanceType, host),
  };
}

function inputDataConfig(channels: readonly JobChannel[]): InputDataConfig {
  return Object.fromEntries(
    channels.map(({ ChannelName, DataSource, InputMode, RecordWrapperType, ContentType }) => [
      ChannelName,
      {
        TrainingInputMode: InputMode === 'Pipe' ? 'Pipe' : 'File',
        S3DistributionType: DataSource.S3DataSource.S3DataDistributionType,
        RecordWrapperType,
        ContentType,
      },
    ]),
  );
}

function resourceConfig(instanceType: string, { name, hosts }: HostPlace) {
  const group = 'homogeneousCluster';
  return {
    current_host: name,
    current_instance_type: instanceType,
    current_group_name: group,
    hosts,
    instance_groups: [{ instance_group_name: group, instance_type: instanceType, hosts }],
    network_interface_name: 'eth0',
  };
}
