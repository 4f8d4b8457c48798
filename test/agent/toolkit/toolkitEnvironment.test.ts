import { cpus } from 'node:os';
import { join } from 'node:path';
import type { LocalAgent, TrainingJobRequest } from 'millrace/agent';
import { temporaryAgents } from '../temporaryAgents.js';
import { channelOf, temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();
const start = temporaryAgents();

const startWith = (job: Partial<TrainingJobRequest>, hosts = 1): Promise<LocalAgent> => {
  const data = folder({ a: '1' });
  const InputDataConfig = [channelOf('train', data), channelOf('my-data', data, { InputMode: 'File' })];
  return start({ TrainingJobName: 'digits', InputDataConfig, ...job }, { toolkitEnv: true, hosts });
};

describe('toolkitEnvironment', () => {
  it('is set only on request', async () => {
    const agent = await start({ InputDataConfig: [channelOf('train', folder({ a: '1' }))] });
    expect(Object.keys(agent.environment).filter((name) => name.startsWith('SM_'))).toEqual([]);
  });

  it('names folders, channels and hosts', async () => {
    const { hosts } = await startWith({}, 2);
    const { baseDir, environment } = hosts[1]!;
    const at = (path: string) => join(baseDir, path);
    expect(environment).toMatchObject({
      SM_CHANNELS: '["my-data","train"]',
      SM_CHANNEL_TRAIN: at('input/data/train'),
      'SM_CHANNEL_MY-DATA': at('input/data/my-data'),
      SM_CURRENT_HOST: 'algo-2',
      SM_CURRENT_INSTANCE_GROUP: 'homogeneousCluster',
      SM_CURRENT_INSTANCE_TYPE: 'local',
      SM_HOSTS: '["algo-1","algo-2"]',
      SM_INPUT_CONFIG_DIR: at('input/config'),
      SM_INPUT_DATA_CONFIG:
        '{"my-data":{"RecordWrapperType":"None","S3DistributionType":"FullyReplicated","TrainingInputMode":"File"},' +
        '"train":{"RecordWrapperType":"None","S3DistributionType":"FullyReplicated","TrainingInputMode":"Pipe"}}',
      SM_INPUT_DIR: at('input'),
      SM_IS_HETERO: 'false',
      SM_LOG_LEVEL: '20',
      SM_MODEL_DIR: at('model'),
      SM_NETWORK_INTERFACE_NAME: 'eth0',
      SM_NUM_CPUS: String(cpus().length),
      SM_OUTPUT_DATA_DIR: at('output/data'),
      SM_OUTPUT_DIR: at('output'),
      SM_OUTPUT_INTERMEDIATE_DIR: at('output/intermediate'),
      SAGEMAKER_BASE_DIR: baseDir,
      TRAINING_JOB_NAME: 'digits',
    });
    expect(environment['SM_NUM_GPUS']).toMatch(/^\d+$/);
    expect(JSON.parse(environment['SM_RESOURCE_CONFIG']!)).toMatchObject({ current_host: 'algo-2' });
  });

  it('parses hyperparameters as JSON, but keeps numbers as they are written', async () => {
    const HyperParameters = {
      lr: '1e-5',
      seed: '12345678901234567890',
      name: '"quoted"',
      plain: 'two words',
      flag: 'true',
      nothing: 'null',
      layers: '[1, 2]',
      map: '{"b": "x", "a": 1.0}',
      k: '3',
    };
    const { environment } = await startWith({ HyperParameters });
    expect(environment).toMatchObject({
      SM_HP_LR: '1e-5',
      SM_HP_SEED: '12345678901234567890',
      SM_HP_NAME: 'quoted',
      SM_HP_PLAIN: 'two words',
      SM_HP_FLAG: 'true',
      SM_HP_LAYERS: '[1, 2]',
      SM_HPS:
        '{"flag":true,"k":3,"layers":[1, 2],"lr":1e-5,"map":{"b": "x", "a": 1.0},"name":"quoted","nothing":null,' +
        '"plain":"two words","seed":12345678901234567890}',
    });
    expect(JSON.parse(environment['SM_USER_ARGS']!)).toEqual(
      ['--flag', 'True', '-k', '3', '--layers', '[1, 2]', '--lr', '1e-5', '--map', 'a=1.0,b=x'].concat([
        '--name',
        'quoted',
        '--nothing',
        '',
        '--plain',
        'two words',
        '--seed',
        '12345678901234567890',
      ]),
    );
  });

  it("does not pass the toolkit's own parameters to the script", async () => {
    const HyperParameters = {
      epochs: '2',
      sagemaker_program: 'train.py',
      sagemaker_submit_directory: '/code.tar.gz',
      sagemaker_container_log_level: '10',
      sagemaker_mpi_enabled: 'true',
      _tuning_objective_metric: 'loss',
    };
    const { environment } = await startWith({ HyperParameters });
    expect(environment).toMatchObject({
      SM_HPS: '{"epochs":2}',
      SM_USER_ARGS: '["--epochs","2"]',
      SM_FRAMEWORK_PARAMS: '{"sagemaker_mpi_enabled":true}',
      SM_LOG_LEVEL: '10',
      SM_MODULE_DIR: '/code.tar.gz',
      SM_MODULE_NAME: 'train',
      SM_USER_ENTRY_POINT: 'train.py',
    });
    expect(environment).not.toHaveProperty('SM_HP_SAGEMAKER_PROGRAM');
  });

  it('repeats the values in SM_TRAINING_ENV', async () => {
    const { environment, baseDir } = await startWith({ HyperParameters: { epochs: '2' } });
    expect(JSON.parse(environment['SM_TRAINING_ENV']!)).toMatchObject({
      channel_input_dirs: { train: join(baseDir, 'input/data/train') },
      current_host: 'algo-1',
      hyperparameters: { epochs: 2 },
      job_name: 'digits',
      model_dir: join(baseDir, 'model'),
      resource_config: { hosts: ['algo-1'] },
    });
  });

  it('does not override the variables of the platform and the job', async () => {
    const { environment } = await startWith({ Environment: { SM_MODEL_DIR: '/elsewhere' } });
    expect(environment['SM_MODEL_DIR']).toBe('/elsewhere');
  });
});
