import { join } from 'node:path';

/** The folders of a training job. */
export interface DirectoryOptions {
  /** The root folder. Default: the environment variable `SAGEMAKER_BASE_DIR`, or `/opt/ml`. */
  readonly baseDir?: string | undefined;
  /** The folder of the FIFOs. Default: `input/data` in `baseDir`. */
  readonly pipeDir?: string | undefined;
  /** The folder of the configuration files. Default: `input/config` in `baseDir`. */
  readonly configDir?: string | undefined;
  /** The folder of the files that store each channel's next epoch number. Default: `pipe_state` in `baseDir`. */
  readonly stateDir?: string | undefined;
}

export type Directories = { readonly [K in keyof DirectoryOptions]-?: string };

export function resolveDirectories(options: DirectoryOptions = {}): Directories {
  const baseDir = options.baseDir ?? process.env['SAGEMAKER_BASE_DIR'] ?? '/opt/ml';
  return {
    baseDir,
    pipeDir: options.pipeDir ?? join(baseDir, 'input', 'data'),
    configDir: options.configDir ?? join(baseDir, 'input', 'config'),
    stateDir: options.stateDir ?? join(baseDir, 'pipe_state'),
  };
}
