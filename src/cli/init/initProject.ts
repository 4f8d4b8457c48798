import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import process from 'node:process';
import { ConfigError } from '../../base/errors.js';
import { Answers } from './answers.js';
import { chooseModel, type ModelPlan } from './chooseModel.js';
import { findData } from './findData.js';
import { jobFile } from './jobFile.js';
import { packageFile } from './packageFile.js';
import { trainScript } from './trainScript.js';

export interface InitFlags {
  readonly data?: string;
  readonly label?: string;
  readonly force?: true;
}

/** Asks for missing answers, reads the data, and writes the files of a project. */
export async function initProject(folder: string | undefined, flags: InitFlags): Promise<void> {
  const answers = new Answers(process.stdin, process.stderr);
  let plan: ModelPlan;
  let target: string;
  try {
    const pattern = flags.data ?? (await answers.ask('--data', 'Where are the data (a file, a folder or a pattern)?'));
    const data = await findData(pattern);
    const question = `Which ${data.noun} should the model predict? ${data.names.join(', ')}`;
    const label = flags.label ?? (await answers.ask('--label', question, data.names.at(-1)));
    target = folder ?? (await answers.ask('[folder]', 'Which folder should contain the new files?', '.'));
    plan = await chooseModel(data, label);
  } finally {
    answers.end();
  }
  const files = {
    'train.js': trainScript(plan),
    'job.json': await jobFile(plan.data, target),
    'package.json': packageFile(basename(resolve(target))),
  };
  const existing = Object.keys(files).filter((name) => existsSync(join(target, name)));
  if (existing.length > 0 && !flags.force) {
    const message = `${target} already contains ${existing.join(' and ')}. Choose another folder, or replace with --force`;
    throw new ConfigError(message, { path: 'folder' });
  }
  mkdirSync(target, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(target, name), text);
  process.stdout.write(summary(plan, target));
}

function summary({ data, task, label, numbers, vectors, texts, omitted }: ModelPlan, target: string): string {
  const inputs = [...numbers, ...vectors.map(({ name }) => name), ...texts.map(({ name }) => name)];
  const folder = relative('.', target);
  const lines = [
    `${data.records} records. The script predicts ${label.name} (${task}) from ${inputs.join(', ')}.`,
    ...omitted.map(({ name, reason }) => `Not used: ${name} (${reason}).`),
    `Written: ${['train.js', 'job.json', 'package.json'].map((name) => join(target, name)).join(', ')}.`,
    `Next: ${folder === '' ? '' : `cd ${folder} && `}npm install && npm start`,
  ];
  return `${lines.join('\n')}\n`;
}
