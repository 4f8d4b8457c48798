import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { readJobFile } from './readJobFile.js';

export const resourceConfigSchema = lazy(() =>
  z
    .looseObject({
      current_host: z.string().min(1),
      hosts: z.array(z.string().min(1)).min(1),
      network_interface_name: z.string().optional(),
    })
    .refine(({ current_host, hosts }) => hosts.includes(current_host), {
      path: ['current_host'],
      error: 'expected one of the names in hosts',
    }),
);

export type ResourceConfig = z.output<ReturnType<typeof resourceConfigSchema>>;

export function readResourceConfig(configDir: string): ResourceConfig {
  return readJobFile(configDir, 'resourceconfig.json', resourceConfigSchema());
}

export function rankOf({ current_host, hosts }: ResourceConfig): number {
  return hosts.indexOf(current_host);
}
