import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { keepTree, makeTree, removeDeadTrees } from '../../../src/agent/tree/jobTree.js';
import { startModule } from '../startModule.js';
import { temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();
const MARK = '.millrace-owner';

describe('the tree of a job', () => {
  let tmp: string;
  const { TMPDIR } = process.env;
  beforeEach(() => {
    tmp = folder();
    process.env['TMPDIR'] = tmp;
  });
  afterEach(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  });

  /** Makes a tree in another process, and returns the process. */
  async function otherProcess() {
    const code = `process.stdout.write(await makeTree()); setInterval(() => undefined, 1000);`;
    const child = startModule('tree/jobTree', code.replace('makeTree', 'jobTree.makeTree'), '* as jobTree');
    const [path] = (await once(child.stdout, 'data')) as [Buffer];
    const kill = async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
    };
    return { tree: String(path), kill };
  }

  it('is removed after SIGKILL of its process, but not before', async () => {
    const { tree, kill } = await otherProcess();
    writeFileSync(join(tree, 'content'), '');
    await removeDeadTrees();
    expect(existsSync(tree)).toBe(true);
    await kill();
    await removeDeadTrees();
    expect(readdirSync(tmp)).toEqual([]);
  });

  it('is distinguished from the tree of a later process with the same pid', async () => {
    const tree = await makeTree();
    const owner = JSON.parse(readFileSync(join(tree, MARK), 'utf8')) as object;
    writeFileSync(join(tree, MARK), JSON.stringify({ ...owner, startTime: '1' }));
    await removeDeadTrees();
    expect(existsSync(tree)).toBe(false);
  });

  it('is removed if its process left an empty owner file, but not at once', async () => {
    const tree = await makeTree();
    writeFileSync(join(tree, MARK), '');
    await removeDeadTrees();
    expect(existsSync(tree)).toBe(true);
    utimesSync(tree, 0, 0);
    await removeDeadTrees();
    expect(existsSync(tree)).toBe(false);
  });

  it.each([
    ['is to be kept', keepTree],
    [
      'belongs to another container',
      async (tree: string) => {
        const { pid } = spawnSync('true');
        await writeFile(join(tree, MARK), JSON.stringify({ pid, startTime: '1', pidSpace: 'another' }));
      },
    ],
    ['bears no mark that can be read', (tree: string) => writeFile(join(tree, MARK), '{')],
  ])('is not removed if it %s', async (_, change) => {
    const tree = await makeTree();
    await change(tree);
    await removeDeadTrees();
    expect(existsSync(tree)).toBe(true);
  });
});
