import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { map } from 'rxjs';
import { z } from 'zod';
import { inlineDefinitions } from '../../../scripts/inlineDefinitions.js';
import { DECLARED_FORMATS } from '../../../src/formats/recordFormats.js';
import { builtInStages } from '../../../src/pipeline/declared/builtInStages.js';
import { pipelineJsonSchema } from '../../../src/pipeline/declared/pipelineJsonSchema.js';
import { defineStage } from '../../../src/pipeline/declared/stageDefinition.js';

type Schema = Readonly<Record<string, unknown>>;
/** A member of a union: its condition, and its schema. */
type Branch = Readonly<Record<'if' | 'then', Schema>>;

const FILE = 'docs/pipeline.schema.json';
const schema = JSON.parse(readFileSync(FILE, 'utf8')) as Schema & { readonly $defs: Readonly<Record<string, Schema>> };

/** Follows references to the schema itself. The keywords beside a reference take precedence. */
function resolve({ $ref, ...own }: Schema): Schema {
  if (typeof $ref !== 'string') return own;
  return { ...resolve(schema.$defs[$ref.replace('#/$defs/', '')]!), ...own };
}

/** Returns all objects in a schema, except in conditions, which describe nothing. */
function schemasIn(value: unknown): Schema[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, each]) => (key === 'if' ? [] : schemasIn(each)));
  return Array.isArray(value) ? inner : [value as Schema, ...inner];
}

/** Returns the branches of each union with this discriminator. */
function branchesOf(discriminator: string): Branch[][] {
  return schemasIn(schema).flatMap(({ allOf = [] }) => {
    const branches = allOf as Branch[];
    return branches[0] && discriminator in (branches[0].if['properties'] as Schema) ? [branches] : [];
  });
}

const namesOf = (branches: readonly Branch[], discriminator: string): unknown[] =>
  branches.flatMap((branch) => {
    const [condition, member] = [branch.if, resolve(branch.then)].map((each) => each['properties'] as Schema);
    const { const: name } = resolve(member![discriminator] as Schema);
    expect(condition![discriminator]).toEqual({ enum: [name] });
    return [name];
  });

describe('pipelineJsonSchema', () => {
  it('is what docs/pipeline.schema.json holds: npm run schema writes it anew', () => {
    expect(schema).toEqual(inlineDefinitions(pipelineJsonSchema()));
  });

  it('knows the stages that the user defines, and leaves the published $id to the built-in ones', () => {
    const own = defineStage({
      name: 'own',
      options: z.strictObject({ x: z.number().describe('Some number.') }),
      build: () => map((item) => item),
    });
    const withOwn = pipelineJsonSchema([own]);
    expect(JSON.stringify(withOwn)).toContain('"own"');
    expect(JSON.stringify(withOwn)).toContain('Some number.');
    expect(withOwn).not.toHaveProperty('$id');
    expect(schema).toMatchObject({ $id: 'urn:millrace:pipeline', title: 'Millrace pipeline' });
  });

  it('describes every property in a sentence', () => {
    const properties = schemasIn(schema).flatMap((each) =>
      typeof each['properties'] === 'object' ? Object.entries(each['properties'] as Record<string, Schema>) : [],
    );
    expect(properties.length).toBeGreaterThan(100);
    const silent = properties.filter(([, property]) => !/^[A-Z].*\.$/.test(String(resolve(property)['description'])));
    expect(silent).toEqual([]);
  });

  it('has one branch for each stage, each record format and each way to combine channels', () => {
    const stages = [...builtInStages().map(({ name }) => name), 'snapshot', 'mapInWorkers'];
    expect(branchesOf('stage').map((branches) => namesOf(branches, 'stage'))).toEqual([stages]);
    const formats = branchesOf('recordFormat').map((branches) => namesOf(branches, 'recordFormat'));
    expect(formats).toEqual([Object.keys(DECLARED_FORMATS)]);
    const ways = branchesOf('how').map((branches) => namesOf(branches, 'how'));
    expect(ways).toEqual([['zip', 'merge', 'concat', 'sample', 'choose']]);
    expect(JSON.stringify(schema)).not.toContain('"oneOf"');
  });
});

describe('docs/pipeline.schema.json', () => {
  const validate = new Ajv2020({ allErrors: true, strict: true, strictTypes: false }).compile(schema);
  const pipeline = {
    $schema: './node_modules/millrace/docs/pipeline.schema.json',
    channels: {
      train: {
        recordFormat: 'TFRecord',
        shuffleSeed: 7,
        stages: [{ stage: 'batch', size: 64 }],
      },
    },
    stages: [
      { stage: 'shuffle', bufferSize: 1437, seed: 7 },
      {
        stage: 'parseExample',
        features: {
          image: { kind: 'raw', shape: [64], dtype: 'uint8' },
          label: { kind: 'fixedLen', shape: [], dtype: 'int64' },
        },
      },
      { stage: 'decodeCsv', recordDefaults: ['int32', { dtype: 'float32', default: 0.5 }] },
      { stage: 'combineAttributes', attributes: { image: 'bytes' } },
      { stage: 'prefetch', items: 4 },
    ],
  };

  /** Returns the errors of the pipeline with one changed value, by path. */
  function errorsWith(path: readonly (string | number)[], value: unknown): ErrorObject[] {
    const changed = structuredClone(pipeline) as unknown;
    const parent = path.slice(0, -1).reduce((node, key) => (node as Record<string, unknown>)[key], changed);
    (parent as Record<string, unknown>)[path.at(-1)!] = value;
    validate(changed);
    return validate.errors ?? [];
  }

  it('accepts a valid pipeline, also one whose channels have the default format', () => {
    expect(errorsWith(['channels', 'train'], { multipart: 'dmlc' })).toEqual([]);
    expect(errorsWith(['stages'], pipeline.stages)).toEqual([]);
  });

  it.each<[string, readonly (string | number)[], unknown]>([
    ['a wrong type', ['stages', 0, 'bufferSize'], '1437'],
    ['a wrong type in a stage of a channel', ['channels', 'train', 'stages', 0, 'size'], '64'],
    ['a wrong type in a feature', ['stages', 1, 'features', 'label', 'dtype'], 7],
    ['an array for a number', ['stages', 4, 'items'], [4]],
    ['an unknown stage', ['stages', 0, 'stage'], 'shuffel'],
    ['a stage that is no object', ['stages', 0], 'shuffle'],
    ['an unknown record format', ['channels', 'train', 'recordFormat'], 'Arrow'],
  ])('reports %s with at most three errors, which name the place', (_name, path, value) => {
    const errors = errorsWith(path, value);
    expect(errors.length).toBeGreaterThanOrEqual(1);
    expect(errors.length).toBeLessThanOrEqual(3);
    const place = `/${path.join('/')}`;
    expect(errors.filter(({ instancePath }) => !place.startsWith(instancePath))).toEqual([]);
    expect(errors.map(({ instancePath }) => instancePath)).toContain(place);
  });

  it('reports an unknown option at its stage', () => {
    const errors = errorsWith(['stages', 0, 'buffer'], 5);
    expect(errors.length).toBeLessThanOrEqual(3);
    expect(errors).toContainEqual(
      expect.objectContaining({ instancePath: '/stages/0', params: { additionalProperty: 'buffer' } }),
    );
  });
});
