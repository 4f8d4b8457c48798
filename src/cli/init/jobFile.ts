import { dirname, relative, resolve, sep } from 'node:path';
import { urlScheme } from '../../base/localPath.js';
import { findInputs } from '../inspect/findInputs.js';
import { fault } from './fault.js';
import type { InitData } from './findData.js';
import type { ImageData } from './findImages.js';

/**
 * Returns a training job with two channels of the same data. The script uses a different part of each channel.
 *
 * @throws ConfigError if no channel can contain exactly the files of the data.
 */
export async function jobFile({ pattern, paths, kind }: InitData | ImageData, folder: string): Promise<string> {
  const S3Uri =
    urlScheme(pattern) === undefined ? await localPrefix(pattern, paths, resolve(folder)) : prefixOf(pattern);
  // Pipe mode needs Linux. It joins files, so the last line of a file must end with a newline.
  const canPipe = process.platform === 'linux' && kind === 'example';
  const job = {
    TrainingJobName: 'train',
    AlgorithmSpecification: { TrainingInputMode: canPipe ? 'Pipe' : 'File' },
    InputDataConfig: ['train', 'validation'].map((ChannelName) => ({
      ChannelName,
      DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri } },
    })),
  };
  return `${JSON.stringify(job, null, 2)}\n`;
}

/** Returns the path of the only file, or of the folder of all files. The path is relative to the folder of the job. */
async function localPrefix(pattern: string, paths: readonly string[], jobFolder: string): Promise<string> {
  let place = resolve(paths[0] ?? pattern);
  while (paths.some((path) => !`${resolve(path)}${sep}`.startsWith(`${place}${place.endsWith(sep) ? '' : sep}`))) {
    place = dirname(place);
  }
  const files = paths.length > 1 ? await findInputs([place]) : [];
  if (files.length > paths.length) {
    const message = `a channel reads all files of a folder, and ${place} contains ${files.length} files, but the pattern matches ${paths.length}. Move the files to a separate folder`;
    throw fault(pattern, message);
  }
  const path = relative(jobFolder, place);
  return path === '' ? '.' : path.split(sep).join('/');
}

/** In S3, a channel reads all keys that begin with its prefix. */
function prefixOf(url: string): string {
  if (/^s3:\/\/[^*?[{(]+$/.test(url)) return url;
  throw fault(url, 'a channel needs local files, or an s3:// URI without wildcards');
}
