import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { chooseModel, type ModelPlan } from '../../../src/cli/init/chooseModel.js';
import { findData, type InitData } from '../../../src/cli/init/findData.js';
import { parquetBytes } from '../../pipeline/parquet/support/parquetFiles.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const newFolder = temporaryFolders();

/** Plans the model that predicts `y` from the data of a file. */
async function planOf(name: string, content: string | Uint8Array): Promise<ModelPlan> {
  const path = join(newFolder(), name);
  writeFileSync(path, content);
  return chooseModel((await findData(path, {})) as InitData, 'y');
}

describe('chooseModel', () => {
  it('leaves out a column that JavaScript cannot name', async () => {
    const { numbers, omitted } = await planOf('a.csv', 'x,__proto__,y\n1,2,a\n3,4,b\n');
    expect(numbers).toEqual(['x']);
    expect(omitted).toMatchObject([{ name: '__proto__', reason: 'a name that JavaScript reserves' }]);
  });

  it('leaves out columns of the same name in Parquet files', async () => {
    const ints = (name: string) => ({ name, data: [1, 2], type: 'INT32' as const });
    const { data, numbers } = await planOf('a.parquet', parquetBytes(['a', 'a', 'x', 'y'].map(ints)));
    expect(numbers).toEqual(['x']);
    expect(data.options).toEqual({ select: ['x', 'y'] });
  });

  it.each([
    ['numbers', 'a.csv', 'x,y\n1,2\n2,\n3,4\n'],
    ['texts', 'a.csv', 'x,y\n1,a\n2,\n3,b\n'],
    ['fields', 'a.jsonl', '{"x":1,"y":1}\n{"x":2}\n{"x":3,"y":2}\n'],
    ['fields of text', 'a.jsonl', '{"x":1,"y":"a"}\n{"x":2}\n{"x":3,"y":"b"}\n'],
    [
      'columns of Parquet',
      'a.parquet',
      parquetBytes([
        { name: 'x', data: [1, 2, 3], type: 'INT32' },
        { name: 'y', data: [1, null, 2], type: 'INT32', nullable: true },
      ]),
    ],
  ])('refuses missing labels in %s, because a default would be a wrong label', async (_, name, content) => {
    await expect(planOf(name, content)).rejects.toThrow(
      `${name}: some records have no label "y": remove them, or choose another label`,
    );
  });
});
