import { describe, expect, it } from '@jest/globals';
import { inlineDefinitions } from '../../scripts/inlineDefinitions.js';

const ref = (name: string): { readonly $ref: string } => ({ $ref: `#/$defs/${name}` });
const long = { type: 'string', description: 'A long text. '.repeat(20) };

describe('inlineDefinitions', () => {
  it('replaces references to definitions that are used once, also inside each other', () => {
    const schema = { properties: { a: ref('a') }, $defs: { a: { items: ref('b'), type: 'array' }, b: long } };
    expect(inlineDefinitions(schema)).toEqual({ properties: { a: { items: long, type: 'array' } }, $defs: {} });
  });

  it('copies short definitions, and keeps long ones that are used twice, under short names', () => {
    const schema = { anyOf: [ref('a'), ref('a'), ref('b'), ref('b')], $defs: { a: { type: 'null' }, b: long } };
    const anyOf = [{ type: 'null' }, { type: 'null' }, ref('d0'), ref('d0')];
    expect(inlineDefinitions(schema)).toEqual({ anyOf, $defs: { d0: long } });
  });

  it('keeps the keywords beside a reference, which take precedence', () => {
    const schema = { not: { ...ref('a'), description: 'own' }, $defs: { a: { type: 'null', description: 'other' } } };
    expect(inlineDefinitions(schema)).toEqual({ not: { type: 'null', description: 'own' }, $defs: {} });
  });

  it('keeps a definition that contains itself, and what it consists of', () => {
    const $defs = { a: { items: ref('b') }, b: { anyOf: [long, ref('a')] } };
    const d0 = { items: { anyOf: [long, ref('d0')] } };
    expect(inlineDefinitions({ not: ref('a'), $defs })).toEqual({ not: ref('d0'), $defs: { d0 } });
  });
});
