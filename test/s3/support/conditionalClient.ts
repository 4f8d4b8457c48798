import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';

interface SentRequest {
  readonly headers: Readonly<Record<string, string>>;
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
  client.middlewareStack.addRelativeTo(
    (next, context) => async (step) => {
      const request = step.request as SentRequest;
      const { 'if-none-match': condition, ...headers } = request.headers;
      if (condition === undefined) return next(step);
      seen.push(`${(context as { readonly commandName?: string }).commandName} ${condition}`);
      const { Bucket, Key } = step.input as Target;
      const exists = await asking.send(new HeadObjectCommand({ Bucket, Key })).then(
        () => true,
        () => false,
      );
      if (exists) throw Object.assign(new Error('At least one of the pre-conditions failed'), PRECONDITION_FAILED);
      const without = Object.assign(Object.create(Object.getPrototypeOf(request) as object), request, {
        headers,
      }) as object;
      return next({ ...step, request: without });
    },
    { relation: 'before', toMiddleware: 'httpSigningMiddleware', name: 'obeyCondition' },
  );
  return seen;
}

const PRECONDITION_FAILED = { name: 'PreconditionFailed', $fault: 'client', $metadata: { httpStatusCode: 412 } };
