import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { listItems } from '../../../src/agent/data/listItems.js';
import { trainingJobSchema } from '../../../src/agent/job/trainingJobRequest.js';
import { channelOf, temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();

describe('listItems', () => {
  it.each([
    ['refuses', 2 ** 29, 'RecordIO'],
    ['takes', 2 ** 29 - 1, 'RecordIO'],
    ['takes', 2 ** 29, 'None'],
  ] as const)('%s a file of %d bytes where each becomes %s', async (verb, byteLength, RecordWrapperType) => {
    const data = folder({ large: '' });
    truncateSync(join(data, 'large'), byteLength);
    const job = trainingJobSchema().parse({ InputDataConfig: [channelOf('train', data, { RecordWrapperType })] });
    const listing = listItems(job.InputDataConfig[0]!, {
      relativeTo: '/',
      s3Map: [],
      stores: [],
      configPath: 'InputDataConfig[0]',
    });
    if (verb === 'takes') expect(await listing).toMatchObject([[{ key: 'large', byteLength }]]);
    else await expect(listing).rejects.toThrow(/large is too long.* 536870911 bytes/);
  });
});
