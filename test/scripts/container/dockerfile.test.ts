import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseDockerfile } from '../../../scripts/container/dockerfile.js';

describe('parseDockerfile', () => {
  it('reads the instructions in order, without comments, and joins lines after a backslash', () => {
    expect(parseDockerfile('# one\nFROM node:22-slim AS build\n\nRUN a && \\\n  b\nWORKDIR /app\n')).toEqual([
      { name: 'FROM', image: 'node:22-slim', stage: 'build' },
      { name: 'RUN', command: 'a &&    b' },
      { name: 'WORKDIR', path: '/app' },
    ]);
  });

  it('takes the last path of COPY as its target, and the stage that it copies from', () => {
    expect(parseDockerfile('COPY a b ./\nCOPY --from=build /x/y /z')).toEqual([
      { name: 'COPY', stage: undefined, sources: ['a', 'b'], target: './' },
      { name: 'COPY', stage: 'build', sources: ['/x/y'], target: '/z' },
    ]);
  });

  it('reads quoted and bare variables, and JSON arguments', () => {
    expect(parseDockerfile('ENV A="x y" B=z\nENTRYPOINT []\nCMD ["train", "1"]')).toEqual([
      { name: 'ENV', variables: { A: 'x y', B: 'z' } },
      { name: 'ENTRYPOINT', args: [] },
      { name: 'CMD', args: ['train', '1'] },
    ]);
  });

  it.each([
    'USER node',
    'CMD train',
    'RUN --mount=type=cache npm ci',
    'COPY --chown=1 a b',
    'FROM a AS b extra',
    'COPY a',
  ])('refuses %s, which it would otherwise perform differently from Docker', (line) => {
    expect(() => parseDockerfile(line)).toThrow(`Dockerfile: ${line}: this instruction is not supported here.`);
  });

  it.each(['Dockerfile', 'Dockerfile.installed'])('reads %s of the SageMaker example', (name) => {
    const instructions = parseDockerfile(readFileSync(`examples/sagemaker/${name}`, 'utf8'));
    expect(instructions.at(-1)).toEqual({ name: 'CMD', args: ['train'] });
  });
});
