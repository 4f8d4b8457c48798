import { InvalidArgumentError, type Command } from 'commander';
import type { RunFlags, runPipeline } from './runPipeline.js';

const HELP = `
In a SageMaker container, millrace run reads the channels of the training job. On your machine, use a local job:

  millrace local job.json -- millrace run pipeline.json --head 3

millrace reads URLs in "files" only with --store. --store s3 needs the package @aws-sdk/client-s3. Region, credentials
and endpoint (AWS_ENDPOINT_URL_S3, otherwise AWS_ENDPOINT_URL) come from the environment and from ~/.aws:

  millrace run pipeline.json --store s3 --store https`;

export function addRunCommand(program: Command, load: () => Promise<typeof runPipeline>): void {
  program
    .command('run')
    .description('run a pipeline that is declared as JSON, count the items, and report the bottleneck')
    .argument('<pipeline.json>', 'the file with the pipeline')
    .option('--head <n>', 'print the first n items, and stop', parseCount)
    .option(
      '--to <file>',
      'write each item as a line of JSON to this file; - is standard output. In JSON, bytes and string columns are ' +
        'base64, and int64 is text. If the name ends in .tfrecord or .tfrecords, items must be bytes, and become ' +
        'TFRecord records. If it ends in .rec or .recordio, items must be bytes, and become RecordIO records. A .gz ' +
        'after the name compresses the files. If {shard} is in the name, the files are numbered',
    )
    .option('--records-per-file <n>', 'the number of items in each file of --to', parseCount)
    .option('--bytes-per-file <n>', 'the maximum size of each file of --to in bytes, before compression', parseCount)
    .option('--resume', 'keep the complete files of an interrupted run, and write the remaining files')
    .option('--overwrite', 'replace the files of an earlier run')
    .option(
      '--store <prefix>',
      'read and write URLs with this prefix: s3, https or http, or a longer prefix such as s3://bucket/; may be repeated',
      parseStore,
    )
    .option('--report', 'at the end, print how long each stage waited and how many items each stage held', false)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', HELP)
    .action(async (path: string, flags: RunFlags) => (await load())(path, flags));
}

function parseStore(text: string, earlier: readonly string[] = []): readonly string[] {
  if (/^(s3|https?)($|:\/\/)/.test(text)) return [...earlier, text];
  throw new InvalidArgumentError('Expected s3, https, http, or a prefix of such URLs.');
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('Expected a positive integer.');
}
