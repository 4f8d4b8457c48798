import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';

interface SentRequest {
  readonly headers: Readonly<Record<string, string>>;
}

interface Step {
  readonly input: object;
  readonly request: unknown;
}

/** The used part of the client's middleware. */
interface Stack {
  readonly addRelativeTo: (
    middleware: (
      next: (step: Step) => Promise<unknown>,
      context: { readonly commandName?: string },
    ) => (step: Step) => Promise<unknown>,
    options: { readonly relation: 'before'; readonly toMiddleware: string; readonly name: string },
  ) => void;
}

interface Target {
  readonly Bucket: string;
  readonly Key: string;
}

/**
 * Makes a client obey `If-None-Match: *` like S3, because Swift refuses it for PutObject and ignores it otherwise: asks
 * the server for the object before each request, and sends the request without the condition.
 *
 * @param asking - a client that asks for the object.
 * @returns the conditions that were seen.
 */
export function obeyCondition(client: S3Client, asking: S3Client): string[] {
  const seen: string[] = [];
  let last: Promise<unknown> = Promise.resolve();
  (client.middlewareStack as unknown as Stack).addRelativeTo(
    (next, { commandName }) =>
      (step) => {
        const request = step.request as SentRequest;
        const { 'if-none-match': condition, ...headers } = request.headers;
        if (condition === undefined) return next(step);
        seen.push(`${commandName} ${condition}`);
        const { Bucket, Key } = step.input as Target;
        const send = async (): Promise<unknown> => {
          const exists = await asking.send(new HeadObjectCommand({ Bucket, Key })).then(
            () => true,
            () => false,
          );
          if (exists) throw Object.assign(new Error('At least one of the pre-conditions failed'), PRECONDITION_FAILED);
          const without = Object.assign(Object.create(Object.getPrototypeOf(request) as object), request, {
            headers,
          }) as object;
          return next({ ...step, request: without });
        };
        // One request after the other, because S3 asks and writes in one step.
        const sent = last.then(send);
        last = sent.catch(() => undefined);
        return sent;
      },
    { relation: 'before', toMiddleware: 'httpSigningMiddleware', name: 'obeyCondition' },
  );
  return seen;
}

const PRECONDITION_FAILED = { name: 'PreconditionFailed', $fault: 'client', $metadata: { httpStatusCode: 412 } };
