import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Answers } from '../../../src/cli/init/answers.js';

function terminal(text: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough({ encoding: 'utf8' });
  input.end(text);
  return { answers: new Answers(input, output), output };
}

describe('Answers', () => {
  it('asks again until there is an answer, and trims it', async () => {
    const { answers, output } = terminal('\n  \n data.csv \n');
    expect(await answers.ask('--data', 'Where?')).toBe('data.csv');
    answers.end();
    output.end();
    expect((await output.toArray()).join('')).toBe('Where? Where? Where? ');
  });

  it('takes an empty line for the suggestion', async () => {
    const { answers } = terminal('\n');
    expect(await answers.ask('--label', 'Which?', 'y')).toBe('y');
    answers.end();
  });

  it('answers several questions from the lines of one input', async () => {
    const { answers } = terminal('a\nb\n');
    expect(await answers.ask('--data', 'Where?')).toBe('a');
    expect(await answers.ask('--label', 'Which?')).toBe('b');
    answers.end();
  });

  it('fails if the input ends', async () => {
    const { answers } = terminal('');
    await expect(answers.ask('--data', 'Where?')).rejects.toThrow('the input ended before the answer for --data');
    answers.end();
  });
});
