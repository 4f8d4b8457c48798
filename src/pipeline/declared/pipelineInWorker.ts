import type { Observable } from 'rxjs';
import { definePipeline } from './definePipeline.js';
import type { DeclaredPipeline } from './pipelineSpec.js';

export function pipeline({ spec, directories, owner, modules }: DeclaredPipeline): Observable<unknown> {
  const urls = Object.entries(modules).map(([name, href]) => [name, new URL(href)] as const);
  return definePipeline({ ...spec, worker: false }, { ...directories, owner, modules: Object.fromEntries(urls) });
}
