import type { Command } from 'commander';
import type { initProject, InitFlags } from './initProject.js';

const HELP = `
Writes three files: train.js, a script that trains a small network and that you can change; job.json, a SageMaker training
job; and package.json. "npm start" runs the job on this machine. Without the options, init asks for the data and the
label. The data are CSV files with a header, Parquet files, lines of JSON, tf.train.Examples in TFRecord or RecordIO files,
or images in one folder for each class. Images need no label.

  millrace init iris --data iris.csv --label species
  cd iris && npm install && npm start`;

export function addInitCommand(program: Command, load: () => Promise<typeof initProject>): void {
  program
    .command('init')
    .description('write a training script for your data, with its job.json and package.json')
    .argument('[folder]', 'the folder of the new files')
    .option('--data <path>', 'a file, a folder, a pattern or an s3:// URI')
    .option('--label <name>', 'the column, field or feature to predict')
    .option('--force', 'replace existing files')
    .option('--json', 'print one JSON object: the files, the number of records and facts about the data')
    .option('--quiet', 'show no progress and no result')
    .addHelpText('after', HELP)
    .action(async (folder: string | undefined, flags: InitFlags) => (await load())(folder, flags));
}
