import type { Observable } from 'rxjs';
import type { DirectoryOptions } from '../../sagemaker/directories.js';
import { definePipeline, type PipelineSpec } from './definePipeline.js';

/** What the worker of a declared pipeline is given. */
export interface DeclaredPipeline {
  readonly spec: PipelineSpec;
  readonly directories: DirectoryOptions;
  /** The modules that it may name: a URL cannot be cloned. */
  readonly modules: Readonly<Record<string, string>>;
}

/** What the worker of a declared pipeline runs: the same pipeline, without a worker of its own. */
export function pipeline({ spec, directories, modules }: DeclaredPipeline): Observable<unknown> {
  const urls = Object.entries(modules).map(([name, href]) => [name, new URL(href)] as const);
  return definePipeline({ ...spec, worker: false }, { ...directories, modules: Object.fromEntries(urls) });
}
