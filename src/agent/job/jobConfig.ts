import type { InputDataConfig } from '../../sagemaker/inputDataConfig.js';
import type { JobChannel } from './jobChannel.js';
import type { TrainingJob } from './trainingJobRequest.js';

/** The files in `input/config` of one host, by their names without `.json`. */
export type JobConfig = ReturnType<typeof jobConfig>;

/** Which of the job's hosts. */
export interface HostPlace {
  readonly name: string;
  /** All of them, this one included. */
  readonly hosts: readonly string[];
}

/**
 * What SageMaker writes for a host of the job.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
 */
export function jobConfig(job: TrainingJob, host: HostPlace) {
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
