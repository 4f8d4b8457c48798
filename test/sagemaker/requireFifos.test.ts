import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { startLocalAgent } from '../../src/agent/startLocalAgent.js';
import { requireFifos } from '../../src/sagemaker/requireFifos.js';
import { channel } from '../../src/sources/channel.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const { platform } = process;
const pretend = (name: string): void => {
  Object.defineProperty(process, 'platform', { value: name });
};

describe('requireFifos', () => {
  afterEach(() => {
    pretend(platform);
  });

  it('accepts Linux', () => {
    expect(requireFifos).not.toThrow();
  });

  it('makes channels and the agent name a container command on other systems', async () => {
    pretend('darwin');
    const refused = { code: 'ERR_PLATFORM', message: expect.stringMatching(/darwin.*docker run/) };
    await expect(firstValueFrom(channel('train'))).rejects.toMatchObject(refused);
    const folder = newFolder();
    writeFileSync(join(folder, 'data'), 'data');
    const S3DataSource = { S3DataType: 'S3Prefix', S3Uri: folder } as const;
    const job = { InputDataConfig: [{ ChannelName: 'train', DataSource: { S3DataSource } }] };
    await expect(startLocalAgent(job)).rejects.toMatchObject(refused);
  });
});
