// A host of a training. Its argument is the options as JSON. Writes a line of JSON for each step.
import { argv, stdout } from 'node:process';
import { once } from 'node:events';
import { hostSteps, type HostOptions } from './hostSteps.js';

for await (const step of hostSteps(JSON.parse(argv[2] as string) as HostOptions)) {
  if (!stdout.write(`${JSON.stringify(step)}\n`)) await once(stdout, 'drain');
}
