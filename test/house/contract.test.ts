import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as formats from '../../src/formats/index.js';
import { lookOf } from '../../src/formats/framing/lookOf.js';
import { DECLARED_FORMATS, WRITABLE_FORMATS } from '../../src/formats/recordFormats.js';
import { sniffFormat } from '../../src/cli/inspect/inputFormat.js';
import { builtInStages } from '../../src/pipeline/declared/builtInStages.js';
import { snapshotDefinition } from '../../src/pipeline/declared/snapshotStage.js';
import * as operators from '../../operators/index.js';
import { TARGETS } from '../fuzz/targets.js';

const read = (path: string): string => readFileSync(path, 'utf8');

/** What a new name still lacks, and the remedy. */
type Missing = readonly (string | false)[];
const missing = (items: Missing): string[] => items.filter((item) => item !== false);

/** Formats that only declarations name. Code calls the sources `imageFolder` and `fromParquet`. */
const WITHOUT_DECODER = ['ImageFolder', 'Parquet'];
const DECODERS = Object.keys(DECLARED_FORMATS)
  .filter((name) => !WITHOUT_DECODER.includes(name))
  .map((name) => `decode${name}`);

/**
 * Operators that are not stages of a declaration, or that a declaration contains as `channels`, `combine` or
 * `recordFormat`.
 */
const NOT_STAGES = [
  ...['broadcast', 'bucketBySequenceLength', 'decompress', 'decodeRecords', 'flatMapSources', 'interleave', 'mapAsync'],
  'mapWithRandom',
  ...['report', 'resumable', 'chooseFromDatasets', 'mergeChannels', 'sampleFromDatasets', 'zipChannels'],
  ...DECODERS,
];

/** Operators without an equivalent in `tf.data`. */
const NOT_IN_TF_DATA = ['broadcast', 'decodeRecords', 'mapInWorkers', 'monitor', 'report', 'resumable'];

/**
 * Operators whose number of items does not depend on their options, and operators that are made of others. A cursor
 * does not store their options. It stores the `countFacts` of the formats of decoders.
 */
const NOT_TOLD = [
  ...[
    'assertCardinality',
    'cache',
    'decodeCsv',
    'decodeJson',
    'decodeLibsvm',
    'decodeRecords',
    'decompress',
    'monitor',
    'parseExample',
    'parseExampleList',
    'parseImageRecord',
    'parseRecordProtobuf',
    'parseSequenceExample',
    'parseSingleExample',
    'prefetch',
    'report',
  ],
  ...['resumable', 'snapshot'],
  ...DECODERS,
];

/** Returns what an operator's file and its shared files report to a cursor. */
function tellsCursor(name: string): boolean {
  const text = read(`operators/${name}.ts`);
  const shared = Array.from(text.matchAll(/'\.\/shared\/(\w+)\.js'/g), ([, file]) =>
    read(`operators/shared/${file}.ts`),
  );
  return [text, ...shared].some((part) => /tellStage|refuseResuming|refusingToResume|ledger\.stage/.test(part));
}

const names = readdirSync('operators')
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .map((file) => file.replace(/\.ts$/, ''));
const stages = [...builtInStages(), snapshotDefinition()];
const stageNames = [...stages.map(({ name }) => name), 'mapInWorkers'];
const [pipelines, fromTfData, reference] = ['pipelines', 'from-tf-data', 'reference'].map((page) =>
  read(`docs/${page}.md`),
) as [string, string, string];
const stageRows = pipelines.slice(pipelines.indexOf('| `stage`')).split('\n');
const formatRows = pipelines.slice(pipelines.indexOf('| `recordFormat`')).split('\n');
const results = /interface StageResults<In, S> \{\n(.*?)\n\}/s.exec(
  read('src/pipeline/declared/pipelineResult.ts'),
)?.[1];
const schema = read('docs/pipeline.schema.json');

describe('an operator', () => {
  it.each(names)('%s has joined everything that it must', (name) => {
    const isStage = !NOT_STAGES.includes(name);
    expect(
      missing([
        !(name in operators) && `operators/index.ts: export ${name}`,
        !read('test/operators/contract.test.ts').includes(name) && `test/operators/contract.test.ts: add ${name}`,
        isStage &&
          !stageNames.includes(name) &&
          `src/pipeline/declared/builtInStages.ts: add the stage, or NOT_STAGES here`,
        !NOT_TOLD.includes(name) &&
          !tellsCursor(name) &&
          `operators/${name}.ts: call tellStage, or add it to NOT_TOLD here`,
        !reference.includes(`\`${name}\``) && `docs/reference.md: add ${name}`,
        !NOT_IN_TF_DATA.includes(name) &&
          !fromTfData.includes(`op.${name}(`) &&
          `docs/from-tf-data.md: show op.${name}, or NOT_IN_TF_DATA here`,
      ]),
    ).toEqual([]);
  });

  it('is in no list of exceptions without a file', () => {
    const listed = [...NOT_STAGES, ...NOT_IN_TF_DATA, ...NOT_TOLD];
    expect(listed.filter((name) => !names.includes(name))).toEqual([]);
    expect(NOT_TOLD.filter(tellsCursor)).toEqual([]);
  });
});

describe('a stage', () => {
  it.each(stageNames)('%s has joined everything that it must', (name) => {
    const row = stageRows.find((line) => (line.split('|')[1] ?? '').includes(`\`${name}\``));
    const options = stages.find((stage) => stage.name === name)?.options.shape ?? {};
    expect(
      missing([
        row === undefined && `docs/pipelines.md: a row of the table of stages for ${name}`,
        ...Object.keys(options).map((option) => {
          return (
            row?.includes(`\`${option}\``) === false && `docs/pipelines.md: the option ${option} in the row of ${name}`
          );
        }),
        name !== 'mapInWorkers' &&
          results?.includes(`  ${name}: `) !== true &&
          `src/pipeline/declared/pipelineResult.ts: a line of StageResults for ${name}`,
        !schema.includes(`"${name}"`) && `docs/pipeline.schema.json: run npm run schema`,
      ]),
    ).toEqual([]);
  });
});

describe('a format', () => {
  it.each(Object.values(DECLARED_FORMATS))(
    '$name has joined everything that it must',
    ({ name, options, reference }) => {
      const row = formatRows.find((line) => (line.split('|')[1] ?? '').includes(`\`${name}\``));
      const fixtures = `test/fixtures/${name.toLowerCase()}`;
      const hasDecoder = !WITHOUT_DECODER.includes(name);
      expect(
        missing([
          hasDecoder && !(`decode${name}` in operators) && `operators/index.ts: export decode${name}`,
          !reference.startsWith('https://') && `the entry of ${name}: a link to its specification`,
          row === undefined && `docs/pipelines.md: a row of the table of formats for ${name}`,
          ...Object.keys(options().shape).map((option) => {
            return (
              row?.includes(`\`${option}\``) === false &&
              `docs/pipelines.md: the option ${option} in the row of ${name}`
            );
          }),
          hasDecoder && !fromTfData.includes(`op.decode${name}(`) && `docs/from-tf-data.md: show op.decode${name}`,
          hasDecoder &&
            !TARGETS.some((target) => target.name === name) &&
            `test/fuzz/targets.ts: a target named ${name}`,
          !existsSync(fixtures) && `${fixtures}: golden bytes`,
          !schema.includes(`"${name}"`) && `docs/pipeline.schema.json: run npm run schema`,
        ]),
      ).toEqual([]);
    },
  );

  it.each(Object.values(WRITABLE_FORMATS))('$name can be written, read and recognised', ({ name, encode }) => {
    const sample = encode(Buffer.from('{"a":1,"b":"some words"}'));
    const isBinary = lookOf(sample)?.name.startsWith('text') !== true;
    expect(
      missing([
        !(`${name}Reader` in formats) && `src/formats/index.ts: export ${name}Reader`,
        !(`encode${name}` in formats) && `src/formats/index.ts: export encode${name}`,
        isBinary && lookOf(sample)?.name !== name && `src/formats/framing/sniffRecords.ts: the signature of ${name}`,
        sniffFormat(sample) !== name && `src/cli/inspect/inputFormat.ts: recognise ${name}`,
      ]),
    ).toEqual([]);
  });
});
