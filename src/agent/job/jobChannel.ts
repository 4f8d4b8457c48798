import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { channelNameSchema } from '../../sagemaker/channelName.js';
import { closedObject } from './closedObject.js';
import { schemeOf } from './locate.js';

/** The command sees no difference between `File` and `FastFile`. */
export const requestedModeSchema = lazy(() => z.enum(['Pipe', 'File', 'FastFile']));

export const s3UriSchema = lazy(() =>
  z
    .string()
    .min(1)
    .superRefine((uri, context) => {
      const scheme = schemeOf(uri);
      if (scheme === undefined || scheme === 'file' || scheme === 's3') return;
      context.addIssue(
        `expected a folder, a file, a file:// URL or an s3:// URI, found ${uri}: download the data, and use the path of the copy`,
      );
    }),
);

const anyType = lazy(() => ({
  S3Uri: s3UriSchema(),
  S3DataDistributionType: z.enum(['FullyReplicated', 'ShardedByS3Key']).default('FullyReplicated'),
}));

const s3DataSourceSchema = lazy(() =>
  z.discriminatedUnion(
    'S3DataType',
    [
      closedObject({ S3DataType: z.literal('S3Prefix'), ...anyType() }),
      closedObject({ S3DataType: z.literal('ManifestFile'), ...anyType() }),
      closedObject({
        S3DataType: z.literal('AugmentedManifestFile'),
        ...anyType(),
        AttributeNames: z.array(z.string().min(1).max(256)).min(1).max(16).readonly(),
      }),
    ],
    {
      error: ({ code }) =>
        code === 'invalid_union' ? 'expected S3Prefix, ManifestFile or AugmentedManifestFile' : undefined,
    },
  ),
);

/**
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Channel.html
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html
 */
export const jobChannelSchema = lazy(() =>
  closedObject({
    ChannelName: channelNameSchema(),
    DataSource: closedObject({ S3DataSource: s3DataSourceSchema() }),
    ContentType: z.string().optional(),
    CompressionType: z.enum(['None', 'Gzip']).default('None'),
    RecordWrapperType: z.enum(['None', 'RecordIO']).default('None'),
    InputMode: requestedModeSchema().optional(),
    ShuffleConfig: closedObject({ Seed: z.int() }).optional(),
  }),
);

type DeclaredChannel = z.output<ReturnType<typeof jobChannelSchema>>;

export type JobChannel = DeclaredChannel & { readonly InputMode: z.output<ReturnType<typeof requestedModeSchema>> };

export interface ChannelFault {
  readonly path: readonly string[];
  readonly message: string;
}

/** Returns an error for two values that are valid alone but not together. */
export function channelFault(channel: JobChannel): ChannelFault | undefined {
  const { InputMode, CompressionType, RecordWrapperType } = channel;
  const { S3DataType } = channel.DataSource.S3DataSource;
  const isAugmented = S3DataType === 'AugmentedManifestFile';
  if (InputMode !== 'Pipe') {
    const only = (value: string) => `expected Pipe mode for ${value}, but this channel is in ${InputMode} mode`;
    if (isAugmented) return { path: ['DataSource', 'S3DataSource', 'S3DataType'], message: only(S3DataType) };
    if (CompressionType !== 'None') return { path: ['CompressionType'], message: only(CompressionType) };
    if (RecordWrapperType !== 'None') return { path: ['RecordWrapperType'], message: only(RecordWrapperType) };
  }
  if (isAugmented && RecordWrapperType !== 'RecordIO') {
    const message =
      'expected "RecordIO", because without RecordIO nothing separates the attributes of an augmented manifest';
    return { path: ['RecordWrapperType'], message };
  }
  if (isAugmented && CompressionType !== 'None') {
    return {
      path: ['CompressionType'],
      message: 'expected "None", because the local agent does not support compression with augmented manifests',
    };
  }
  return undefined;
}
