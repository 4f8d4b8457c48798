/** One host of a job, with a tree of its own. */
export interface LocalHost {
  /** `algo-1`, `algo-2` and so on. */
  readonly name: string;
  /** The root of the host's tree: what is `/opt/ml` in a container. */
  readonly baseDir: string;
  /** What the platform sets besides what the process has: the job's own `Environment`, name and ARN, and the tree's place. */
  readonly environment: Readonly<Record<string, string>>;
}
