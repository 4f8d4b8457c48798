/** One host of a job. */
export interface LocalHost {
  /** `algo-1`, `algo-2` and so on. */
  readonly name: string;
  /** The root of the host's folders, which replaces `/opt/ml`. */
  readonly baseDir: string;
  /** The variables that the agent adds: the job's `Environment`, name and ARN, and `SAGEMAKER_BASE_DIR`. */
  readonly environment: Readonly<Record<string, string>>;
}
