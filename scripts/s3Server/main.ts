import { once } from 'node:events';
import process from 'node:process';
import { problemOfSwift, startSwift } from './startSwift.js';

/** Runs an S3 server until SIGINT or SIGTERM. Prints the endpoint and the keys. Removes the data at the end. */
const problem = problemOfSwift();
if (problem !== undefined) {
  console.error(`s3:server: ${problem}`);
  process.exitCode = 1;
} else {
  const stopping = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const { endpoint, region, accessKeyId, secretAccessKey, stop } = await startSwift();
  console.log(`export AWS_ENDPOINT_URL_S3=${endpoint}`);
  console.log(`export AWS_REGION=${region} AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`);
  console.log('# path style: new S3Client({ forcePathStyle: true })');
  await stopping;
  await stop();
}
