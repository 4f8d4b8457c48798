/** One host of a job. Each host has its own folders. */
export interface LocalHost {
  /** `algo-1`, `algo-2` and so on. */
  readonly name: string;
  /** The root of the host's folders. It replaces `/opt/ml` in a container. */
  readonly baseDir: string;
  /** The variables that the platform adds: the job's `Environment`, name and ARN, and `SAGEMAKER_BASE_DIR`. */
  readonly environment: Readonly<Record<string, string>>;
}
