import { stderr } from 'node:process';
import { startSwift, type S3Server } from '../../../scripts/s3Server/startSwift.js';

/** Starts a real S3 server. If this machine cannot, says why in one line and returns `undefined`. */
export async function runningSwift(test: string): Promise<S3Server | undefined> {
  try {
    return await startSwift();
  } catch (error) {
    stderr.write(`${test} did not run: ${(error as Error).message.split('\n')[0]}\n`);
    return undefined;
  }
}
