/** The properties that millrace reads in exceptions of the SDK. */
export interface SdkException {
  readonly name?: string;
  readonly message?: string;
  /** The system's code, such as `ECONNREFUSED`. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** The client failed before it sent a request. `cause` is the failure. */
export class NotSent extends Error {}

export const statusOf = (error: unknown): number | undefined =>
  (error as SdkException | undefined)?.$metadata?.httpStatusCode;

export const attemptsOf = (error: unknown): number => (error as SdkException | undefined)?.$metadata?.attempts ?? 1;
