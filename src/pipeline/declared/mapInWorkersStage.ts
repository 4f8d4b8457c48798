import { z } from 'zod';
import { mapInWorkers, mapInWorkersSchema } from '../../../operators/mapInWorkers.js';
import { ConfigError } from '../../base/errors.js';
import { showValue } from '../../base/showValue.js';
import { defineStage, type StageDefinition } from './stageDefinition.js';

/** The modules for the stage `mapInWorkers`, by their names in the declaration. */
export type Modules = Readonly<Record<string, URL>>;

/** A declaration contains only module names, so it cannot run code that `modules` does not list. */
export function mapInWorkersStage(modules: Modules): StageDefinition {
  const names = Object.keys(modules);
  const module = z.string().refine((name) => Object.hasOwn(modules, name), {
    error: ({ input }) =>
      names.length > 0
        ? `expected one of ${names.join(', ')}, found ${showValue(input)}: to use another module, add its URL to ` +
          '"modules" in the options of definePipeline'
        : 'mapInWorkers needs the URL of a module, but "modules" in the options of definePipeline contains none',
  });
  return defineStage({
    name: 'mapInWorkers',
    options: mapInWorkersSchema().extend({
      module: module.describe(
        'The name of the module that exports the function. The option "modules" of definePipeline has its URL.',
      ),
    }),
    build: ({ module: name, ...options }) => {
      const url = modules[name];
      if (!url) throw new ConfigError(`mapInWorkers: there is no module ${name}.`, { path: 'module' });
      return mapInWorkers<unknown, unknown>(url, options);
    },
  });
}
