import { readFileSync } from 'node:fs';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { startMillrace } from '../cli/millrace.js';
import { compiled } from '../support/compiled.js';
import { runningNats } from '../nats/support/natsTests.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/helpers/', import.meta.url));
const JOB = fileURLToPath(new URL('../../examples/digits/job.json', import.meta.url));
const server = await runningNats('test/examples/helpers.test.ts');

const read = (name: string): string => readFileSync(`${EXAMPLE}${name}`, 'utf8');

const text = z.string().min(1);
const words = z.array(text).min(1);
const count = z.int().positive();
/** A quantity of Kubernetes. */
const amount = z.string().regex(/^\d+(\.\d+)?(m|Ki|Mi|Gi)?$/);
const amounts = z.strictObject({ cpu: amount.optional(), memory: amount.optional() });

const container = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  image: text,
  command: words.optional(),
  args: words.optional(),
  ports: z.array(z.strictObject({ containerPort: count })).optional(),
  resources: z.strictObject({ requests: amounts.optional(), limits: amounts.optional() }).optional(),
});
const labels = z.record(text, text);
const pod = z.strictObject({
  metadata: z.strictObject({ labels }).optional(),
  spec: z.strictObject({
    terminationGracePeriodSeconds: count.optional(),
    restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).optional(),
    containers: z.array(container).min(1),
  }),
});
const metadata = z.strictObject({ name: z.string().regex(/^[a-z0-9-]+$/) });

/** The fields of the Kubernetes API that the manifests use. Others are errors. */
const manifest = z.discriminatedUnion('kind', [
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('Service'),
    metadata,
    spec: z.strictObject({ selector: labels, ports: z.array(z.strictObject({ port: count })) }),
  }),
  z.strictObject({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal('Deployment'),
    metadata,
    spec: z.strictObject({
      replicas: count.optional(),
      selector: z.strictObject({ matchLabels: labels }),
      template: pod,
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('batch/v1'),
    kind: z.literal('Job'),
    metadata,
    spec: z.strictObject({ backoffLimit: count.optional(), template: pod }),
  }),
]);

/** The fields of the Compose Specification that the file uses. */
const service = z.strictObject({
  image: text,
  build: z.strictObject({ context: text, dockerfile: text }).optional(),
  command: words,
  depends_on: words.optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']).optional(),
  init: z.boolean().optional(),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    .optional(),
  deploy: z.strictObject({ replicas: count }).optional(),
});

describe('the example of helpers', () => {
  it('has manifests of Kubernetes whose fields are known, and whose parts find each other', () => {
    const manifests = parseAllDocuments(read('kubernetes.yaml')).map((each) => manifest.parse(each.toJS()));
    expect(manifests.map(({ kind, metadata: { name } }) => `${kind} ${name}`)).toEqual([
      'Service queue',
      'Deployment queue',
      'Deployment helpers',
      'Job trainer',
    ]);
    for (const each of manifests) {
      if (each.kind !== 'Deployment') continue;
      expect(each.spec.template.metadata?.labels).toEqual(each.spec.selector.matchLabels);
    }
    expect(manifests[0]).toMatchObject({ spec: { selector: { app: 'queue' } } });
    expect(manifests[1]).toMatchObject({ spec: { selector: { matchLabels: { app: 'queue' } } } });
  });

  it('has a Compose file whose fields are known, and whose services exist', () => {
    const { services } = z
      .strictObject({ services: z.record(text, service) })
      .parse(parse(read('docker-compose.yaml')));
    expect(Object.keys(services)).toEqual(['queue', 'trainer', 'helper']);
    for (const { depends_on: needed = [] } of Object.values(services))
      expect(Object.keys(services)).toEqual(expect.arrayContaining(needed));
  });

  it('names the server in the image as both files do', () => {
    expect(read('Dockerfile')).toContain('NATS_URL=nats://queue:4222 MILLRACE_JOB=digits');
  });

  (server ? it : it.skip)('trains with two helpers by one command, as in the README', async () => {
    const module = compiled('examples/helpers/pipeline.ts');
    const words = ['local', JOB, '--helpers', '2', '--module', module, '--'];
    const { stdout, stderr, exitCode } = await startMillrace([
      ...words,
      execPath,
      compiled('examples/helpers/train.ts'),
    ]).ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.any(String) });
    expect(Number(/accuracy after 5 epochs: (\S+)/.exec(stdout)?.[1])).toBeGreaterThan(0.8);
  });
});
