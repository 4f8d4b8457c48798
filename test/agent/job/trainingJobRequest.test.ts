import { join } from 'node:path';
import { ConfigError } from 'millrace';
import { readTrainingJob } from 'millrace/agent';
import { trainingJobSchema } from '../../../src/agent/job/trainingJobRequest.js';
import { channelOf, temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();

function read(content: unknown) {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return readTrainingJob(join(folder({ 'job.json': text }), 'job.json'));
}

function errorOf(content: unknown): ConfigError {
  try {
    read(content);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the job was accepted');
}

const train = channelOf('train', 'data');
const { S3DataSource } = train.DataSource;

describe('readTrainingJob', () => {
  it('fills in the defaults of a job', () => {
    expect(read({ InputDataConfig: [train] })).toEqual({
      TrainingJobName: 'millrace-local',
      InputDataConfig: [
        {
          ChannelName: 'train',
          DataSource: { S3DataSource: { ...S3DataSource, S3DataDistributionType: 'FullyReplicated' } },
          CompressionType: 'None',
          RecordWrapperType: 'None',
          InputMode: 'Pipe',
        },
      ],
      HyperParameters: {},
      Environment: {},
      AlgorithmSpecification: { TrainingInputMode: 'Pipe' },
      ResourceConfig: { InstanceType: 'local', InstanceCount: 1 },
      faults: [],
    });
  });

  it('gives a channel its own mode, or the mode of the job', () => {
    const job = read({
      AlgorithmSpecification: { TrainingInputMode: 'FastFile' },
      InputDataConfig: [train, { ...channelOf('validation', 'data'), InputMode: 'Pipe' }],
    });
    expect(job.InputDataConfig.map(({ InputMode }) => InputMode)).toEqual(['FastFile', 'Pipe']);
    // The result is a valid request.
    expect(trainingJobSchema().parse(job)).toEqual(job);
  });

  it('accepts a real request', () => {
    const request = {
      TrainingJobName: 'digits-2024-01-01',
      AlgorithmSpecification: {
        TrainingImage: '000000000000.dkr.ecr.eu-west-1.amazonaws.com/digits:latest',
        TrainingInputMode: 'Pipe',
        MetricDefinitions: [{ Name: 'accuracy', Regex: 'accuracy=(.*)' }],
      },
      RoleArn: 'arn:aws:iam::000000000000:role/training',
      InputDataConfig: [{ ...train, CompressionType: 'None', RecordWrapperType: 'RecordIO', InputMode: 'Pipe' }],
      OutputDataConfig: { S3OutputPath: 's3://bucket/output' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
      StoppingCondition: { MaxRuntimeInSeconds: 3600 },
      HyperParameters: { epochs: '10' },
      Environment: { LOG_LEVEL: 'debug' },
      Tags: [{ Key: 'team', Value: 'digits' }],
      EnableManagedSpotTraining: true,
      CheckpointConfig: { S3Uri: 's3://bucket/checkpoints' },
    };
    expect(read(request)).toMatchObject({
      TrainingJobName: request.TrainingJobName,
      HyperParameters: { epochs: '10' },
    });
  });

  const source = (change: object) => ({ ...train, DataSource: { S3DataSource: { ...S3DataSource, ...change } } });
  const augmented = (change: object = {}) => ({
    ...source({ S3DataType: 'AugmentedManifestFile', AttributeNames: ['a'], ...change }),
    RecordWrapperType: 'RecordIO',
  });
  const s3 = 'DataSource.S3DataSource';

  it.each([
    ['another protocol', `[0].${s3}.S3Uri`, source({ S3Uri: 'https://host/a' }), 'expected a folder, a file'],
    ['an empty path', `[0].${s3}.S3Uri`, source({ S3Uri: '' }), 'expected text that is not empty'],
    [
      'another type',
      `[0].${s3}.S3DataType`,
      source({ S3DataType: 'Converse' }),
      'expected S3Prefix, ManifestFile or Aug',
    ],
    [
      'another distribution',
      `[0].${s3}.S3DataDistributionType`,
      source({ S3DataDistributionType: 'Sharded' }),
      'FullyReplicated',
    ],
    [
      'attribute names of a prefix',
      `[0].${s3}`,
      source({ AttributeNames: ['a'] }),
      'does not support AttributeNames here; it supports S3DataType',
    ],
    ['no attribute names', `[0].${s3}.AttributeNames`, augmented({ AttributeNames: undefined }), 'expected array'],
    [
      'not one attribute name',
      `[0].${s3}.AttributeNames`,
      augmented({ AttributeNames: [] }),
      'an array of at least 1 element',
    ],
    [
      'an unwrapped augmented manifest',
      '[0].RecordWrapperType',
      { ...augmented(), RecordWrapperType: 'None' },
      'expected "RecordIO", because without RecordIO',
    ],
    [
      'a compressed augmented manifest',
      '[0].CompressionType',
      { ...augmented(), CompressionType: 'Gzip' },
      'does not support compression with augmented manifests',
    ],
    [
      'an augmented manifest in File mode',
      `[0].${s3}.S3DataType`,
      { ...augmented(), InputMode: 'FastFile' },
      'expected Pipe mode for AugmentedManifestFile, but this channel is in FastFile mode',
    ],
    ['an instance group', `[0].${s3}`, source({ InstanceGroupNames: ['a'] }), 'does not support InstanceGroupNames'],
    [
      'a file system',
      `[0].${s3}`,
      { ...train, DataSource: { FileSystemDataSource: {} } },
      'not support FileSystemDataSource',
    ],
    ['another compression', '[0].CompressionType', { ...train, CompressionType: 'Zip' }, 'Gzip'],
    [
      'gzip in File mode',
      '[0].CompressionType',
      { ...train, CompressionType: 'Gzip', InputMode: 'File' },
      'expected Pipe mode for Gzip',
    ],
    [
      'records in File mode',
      '[0].RecordWrapperType',
      { ...train, RecordWrapperType: 'RecordIO', InputMode: 'FastFile' },
      'expected Pipe mode for RecordIO',
    ],
    ['another mode', '[0].InputMode', { ...train, InputMode: 'Stream' }, 'FastFile'],
    ['a broken seed', '[0].ShuffleConfig.Seed', { ...train, ShuffleConfig: { Seed: 1.5 } }, 'expected an integer'],
    ['no seed', '[0].ShuffleConfig.Seed', { ...train, ShuffleConfig: {} }, 'expected number'],
    ['another wrapper', '[0].RecordWrapperType', { ...train, RecordWrapperType: 'TFRecord' }, 'RecordIO'],
    ['an empty name', '[0].ChannelName', { ...train, ChannelName: '' }, 'expected a channel name of 1 to 64'],
    ['a name that leads out', '[0].ChannelName', { ...train, ChannelName: '..' }, 'expected a channel name other than'],
    ['no name', '[0].ChannelName', { DataSource: train.DataSource }, 'expected string'],
  ])('refuses a channel with %s', (_, path, channel, message) => {
    const error = errorOf({ InputDataConfig: [channel] });
    expect(error.path).toBe(`InputDataConfig${path}`);
    expect(error.message).toContain(message);
  });

  it.each([
    ['no channels', 'InputDataConfig', { InputDataConfig: [] }, 'an array of at least 1 element'],
    [
      'the same channel twice',
      'InputDataConfig[1].ChannelName',
      { InputDataConfig: [train, train] },
      'expected unique names, found two channels with the name "train"',
    ],
    ['a number as hyperparameter', 'HyperParameters.lr', { HyperParameters: { lr: 0.1 } }, 'strings only: write "0.1"'],
    ['a boolean variable', 'Environment.FAST', { Environment: { FAST: true } }, 'strings only: write "true"'],
    [
      'a bad variable name',
      'Environment.A=B',
      { Environment: { 'A=B': 'c' } },
      'expected a variable name of letters, digits and _',
    ],
    [
      'another mode',
      'AlgorithmSpecification.TrainingInputMode',
      { AlgorithmSpecification: { TrainingInputMode: 'pipe' } },
      '"Pipe"|"File"|"FastFile"',
    ],
    ['no host', 'ResourceConfig.InstanceCount', { ResourceConfig: { InstanceCount: 0 } }, 'expected 1 to 100 hosts'],
    [
      'more hosts than a machine runs',
      'ResourceConfig.InstanceCount',
      { ResourceConfig: { InstanceCount: 101 } },
      'found 101',
    ],
    [
      'instance groups',
      'ResourceConfig',
      { ResourceConfig: { InstanceGroups: [] } },
      'does not support InstanceGroups',
    ],
    [
      'a folder of files in the place of a FIFO',
      'InputDataConfig[1].ChannelName',
      { InputDataConfig: [train, { ...channelOf('train_3', 'data'), InputMode: 'File' }] },
      'of the Pipe-mode channel "train" has the same name',
    ],
    [
      'a key that it does not know',
      '',
      { InputDataconfig: [] },
      'does not support InputDataconfig here: did you mean "InputDataConfig"?',
    ],
    ['a key of another place', '', { InstanceCount: 2 }, '; InstanceCount belongs in ResourceConfig'],
    [
      'an S3Uri in the channel',
      'InputDataConfig[0]',
      { InputDataConfig: [{ ...train, S3Uri: '/data' }] },
      '; S3Uri belongs in InputDataConfig[].DataSource.S3DataSource',
    ],
    ['a bad name', 'TrainingJobName', { TrainingJobName: 'a_b' }, 'expected a job name of'],
  ])('refuses a job with %s', (_, path, job, message) => {
    const error = errorOf({ InputDataConfig: [train], ...job });
    expect(error.path).toBe(path);
    expect(error.message).toContain(message);
  });

  it('fills in the defaults of a fault', () => {
    const faults = [
      { kind: 'trickle', channel: 'train', everyMs: 0 },
      { kind: 'flip', channel: 'train', atByte: 9, epochs: [0] },
    ];
    expect(read({ InputDataConfig: [train], faults }).faults).toEqual([
      { ...faults[0], bytes: 1 },
      { ...faults[1], bit: 0 },
    ]);
  });

  const files = { ...channelOf('files', 'data'), InputMode: 'File' };

  it.each([
    [
      'of another kind',
      '[0].kind',
      { kind: 'explode' },
      'cut, stall, trickle, flip, missing, late, file, replaced, unreadable, found "explode"',
    ],
    ['of no kind', '[0].kind', {}, 'unreadable, found nothing'],
    ['of another channel', '[0].channel', { kind: 'file', channel: 'other' }, 'in Pipe mode (train), found "other"'],
    [
      'of a channel in File mode',
      '[0].channel',
      { kind: 'file', channel: 'files' },
      'in Pipe mode (train), found "files"',
    ],
    ['with a key of another kind', '[0]', { kind: 'file', afterBytes: 1 }, 'does not support afterBytes here'],
    ['without its figure', '[0].afterBytes', { kind: 'cut' }, 'expected number'],
    ['with a negative figure', '[0].afterBytes', { kind: 'stall', afterBytes: -1 }, 'at least 0'],
    ['with a step of nothing', '[0].bytes', { kind: 'trickle', bytes: 0, everyMs: 1 }, 'a positive integer'],
    ['with a pause that no timer holds', '[0].everyMs', { kind: 'trickle', everyMs: 2 ** 31 }, 'at most 2147483647'],
    ['with a bit that no byte has', '[0].bit', { kind: 'flip', atByte: 0, bit: 8 }, 'at most 7'],
    ['of no epochs', '[0].epochs', { kind: 'file', epochs: [] }, 'an array of at least 1 element'],
    ['of a broken epoch', '[0].epochs[1]', { kind: 'file', epochs: [0, 0.5] }, 'expected an integer'],
  ])('refuses a fault %s', (_, path, fault, message) => {
    const error = errorOf({ InputDataConfig: [train, files], faults: [{ channel: 'train', ...fault }] });
    expect(error.path).toBe(`faults${path}`);
    expect(error.message).toContain(message);
  });

  it('rejects two faults of the same FIFO, and allows them in different epochs or channels', () => {
    const InputDataConfig = [train, channelOf('other', 'data')];
    const late = { kind: 'late', channel: 'train', epochs: [1, 2], afterMs: 5 };
    const missing = { kind: 'missing', channel: 'train' };
    const error = errorOf({ InputDataConfig, faults: [late, missing] });
    expect(error.path).toBe('faults[1].epochs');
    expect(error.message).toContain('faults[0] has the same FIFO and epoch');
    const cut = { kind: 'cut', channel: 'train', afterBytes: 5 };
    const faults = [late, cut, cut, { ...missing, epochs: [3] }, { ...missing, channel: 'other' }];
    expect(read({ InputDataConfig, faults }).faults).toEqual(faults);
  });

  it('names the file that is missing or not JSON', () => {
    expect(() => readTrainingJob('/nowhere/job.json')).toThrow(
      '/nowhere/job.json cannot be read: it does not exist. Check the path.',
    );
    expect(errorOf('{ "InputDataConfig": ').message).toMatch(
      /job\.json is not JSON: line 1, column 22: the file may be truncated\.$/,
    );
  });
});
