import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resolveDirectories } from '../../sagemaker/directories.js';
import type { JobConfig } from '../job/jobConfig.js';
import { JsonText, sortedJson } from './sortedJson.js';
import { toolkitHyperparameters } from './toolkitHyperparameters.js';

/** Python's `logging.INFO`. */
const DEFAULT_LOG_LEVEL = '20';

export interface ToolkitHost {
  readonly baseDir: string;
  readonly jobName: string;
  readonly config: JobConfig;
}

/**
 * The variables of Amazon's Python training toolkit, such as `SM_CHANNELS`.
 *
 * A variable without a value is an empty string. Unlike in Python, numbers keep their text (`1e-5`, not `1e-05`), and a
 * list in `SM_USER_ARGS` is JSON. The variables of distributed training (`SM_DISTRIBUTION_…`) are absent.
 *
 * @see https://github.com/aws/sagemaker-training-toolkit/blob/master/ENVIRONMENT_VARIABLES.md
 */
export async function toolkitEnvironment(host: ToolkitHost): Promise<Record<string, string>> {
  const { hyperparameters, inputdataconfig } = host.config;
  const { pipeDir } = resolveDirectories({ baseDir: host.baseDir });
  const channels = Object.keys(inputdataconfig).sort();
  const folders = Object.fromEntries(channels.map((name) => [name, join(pipeDir, name)]));
  const { own, framework, args } = toolkitHyperparameters(hyperparameters);
  const shared = { ...foldersOf(host), ...clusterOf(host), ...scriptOf(host), ...(await machine()) };
  const variables: Readonly<Record<string, unknown>> = {
    ...shared,
    channels,
    hps: own,
    framework_params: framework,
    user_args: args,
    training_env: {
      ...shared,
      additional_framework_parameters: framework,
      channel_input_dirs: folders,
      hyperparameters: own,
      job_name: host.jobName,
    },
    ...withPrefix('channel_', folders),
    ...withPrefix('hp_', own),
  };
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [`SM_${name.toUpperCase()}`, textOf(value)]),
  );
}

function foldersOf({ baseDir }: ToolkitHost) {
  return {
    input_config_dir: resolveDirectories({ baseDir }).configDir,
    input_dir: join(baseDir, 'input'),
    model_dir: join(baseDir, 'model'),
    output_data_dir: join(baseDir, 'output/data'),
    output_dir: join(baseDir, 'output'),
    output_intermediate_dir: join(baseDir, 'output/intermediate'),
  };
}

function clusterOf({ config: { inputdataconfig, resourceconfig } }: ToolkitHost) {
  const { instance_groups: groups } = resourceconfig;
  return {
    current_host: resourceconfig.current_host,
    current_instance_group: resourceconfig.current_group_name,
    current_instance_group_hosts: resourceconfig.hosts,
    current_instance_type: resourceconfig.current_instance_type,
    hosts: resourceconfig.hosts,
    input_data_config: inputdataconfig,
    instance_groups: groups.map((group) => group.instance_group_name),
    instance_groups_dict: Object.fromEntries(groups.map((group) => [group.instance_group_name, group])),
    is_hetero: false,
    network_interface_name: resourceconfig.network_interface_name,
    resource_config: resourceconfig,
  };
}

function scriptOf({ baseDir, config: { hyperparameters } }: ToolkitHost) {
  const program = hyperparameters['sagemaker_program'] ?? '';
  return {
    framework_module: '',
    log_level: new JsonText(hyperparameters['sagemaker_container_log_level'] ?? DEFAULT_LOG_LEVEL),
    module_dir: hyperparameters['sagemaker_submit_directory'] ?? join(baseDir, 'code'),
    module_name: program.replace(/\.py$/, ''),
    user_entry_point: program,
  };
}

async function machine() {
  const gpus = await promisify(execFile)('nvidia-smi', ['--list-gpus']).then(
    ({ stdout }) => stdout.split('\n').filter((line) => line.startsWith('GPU ')).length,
    () => 0,
  );
  return { num_cpus: cpus().length, num_gpus: gpus };
}

function withPrefix(prefix: string, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : sortedJson(value));
