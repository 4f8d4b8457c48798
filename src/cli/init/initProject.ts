import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { ConfigError } from '../../base/errors.js';
import { Answers } from './answers.js';
import { chooseModel, type ModelPlan } from './chooseModel.js';
import { fault } from './fault.js';
import { findData, type InitData } from './findData.js';
import type { ImageData } from './findImages.js';
import { imageScript } from './imageScript.js';
import { jobFile } from './jobFile.js';
import { packageFile } from './packageFile.js';
import { trainScript } from './trainScript.js';

export interface InitFlags {
  readonly data?: string;
  readonly label?: string;
  readonly force?: true;
  readonly json?: true;
  readonly quiet?: true;
}

/** Asks for missing answers, reads the data, and writes the files of a project. */
export async function initProject(folder: string | undefined, flags: InitFlags): Promise<void> {
  const answers = new Answers(process.stdin, process.stderr);
  let project: Project;
  let target: string;
  try {
    const pattern = flags.data ?? (await answers.ask('--data', 'Where are the data (a file, a folder or a pattern)?'));
    const data = await findData(pattern, flags);
    const label = data.kind === 'images' ? flags.label : (flags.label ?? (await askLabel(answers, data)));
    target = folder ?? (await answers.ask('[folder]', 'Which folder should contain the new files?', '.'));
    project = data.kind === 'images' ? ofImages(data, label) : ofTables(await chooseModel(data, label ?? ''));
  } finally {
    answers.end();
  }
  const manifest = packageFile(basename(resolve(target)), project.data.kind);
  const files = {
    'train.js': project.script,
    'job.json': await jobFile(project.data, target),
    'package.json': manifest.text,
  };
  const existing = Object.keys(files).filter((name) => existsSync(join(target, name)));
  if (existing.length > 0 && !flags.force) {
    const message = `${target} already contains ${existing.join(', ')}. Choose another folder, or replace with --force`;
    throw new ConfigError(message, { path: 'folder' });
  }
  mkdirSync(target, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(target, name), text);
  if (flags.json) process.stdout.write(`${JSON.stringify(resultOf(project, target, Object.keys(files)))}\n`);
  else if (!flags.quiet) process.stdout.write(summary(project, target, manifest.hint));
}

/** The maximum number of left-out files that the output names. */
const MOST_NAMED = 5;

interface Project {
  readonly data: InitData | ImageData;
  readonly script: string;
  /** Sentences that describe the script. */
  readonly facts: readonly string[];
}

function askLabel(answers: Answers, { noun, names }: InitData): Promise<string> {
  return answers.ask('--label', `Which ${noun} should the model predict? ${names.join(', ')}`, names.at(-1));
}

function ofImages(data: ImageData, label: string | undefined): Project {
  const { pattern, classNames, records, leftOut } = data;
  if (label !== undefined) throw fault(pattern, 'the folders of the images are their labels: remove --label');
  const more = leftOut.length > MOST_NAMED ? `, and ${leftOut.length - MOST_NAMED} more` : '';
  const facts = [
    `${records} images. The script predicts the class: ${classNames.join(', ')}.`,
    ...(leftOut.length > 0
      ? [`Left out, because they are no images: ${leftOut.slice(0, MOST_NAMED).join(', ')}${more}.`]
      : []),
  ];
  return { data, script: imageScript(classNames), facts };
}

function ofTables(plan: ModelPlan): Project {
  const { data, task, label, numbers, vectors, texts, omitted } = plan;
  const inputs = [...numbers, ...vectors.map(({ name }) => name), ...texts.map(({ name }) => name)];
  const facts = [
    `${data.records} records. The script predicts ${label.name} (${task}) from ${inputs.join(', ')}.`,
    ...omitted.map(({ name, reason }) => `Not used: ${name} (${reason}).`),
  ];
  return { data, script: trainScript(plan), facts };
}

/** With fewer records, it is likely that one part has no record of some class, or no record at all. */
const FEW_RECORDS = 50;

function resultOf({ data, facts }: Project, target: string, names: readonly string[]): object {
  return { files: names.map((name) => join(target, name)), records: data.records, facts };
}

function summary({ data: { records }, facts }: Project, target: string, hint: string | undefined): string {
  const folder = relative('.', target);
  const few = `${records} records are few: if a part has no records, change PARTS in train.js.`;
  const lines = [
    ...facts,
    ...(records < FEW_RECORDS ? [few] : []),
    `Written: ${['train.js', 'job.json', 'package.json'].map((name) => join(target, name)).join(', ')}.`,
    `Next: ${folder === '' ? '' : `cd ${folder} && `}npm install && npm start`,
    ...(hint === undefined ? [] : [hint]),
  ];
  return `${lines.join('\n')}\n`;
}
