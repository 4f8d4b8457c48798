import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { isSpreadable } from '../base/parseOptions.js';
import type { Store } from './store.js';

export const storeSchema = lazy(() =>
  z.custom<Store>(isStore, 'expected a store: fileStore(), httpStore() or s3Store(client)'),
);

function isStore(value: unknown): boolean {
  if (!isSpreadable(value)) return false;
  const { schemes, list, read } = value as Partial<Store>;
  return Array.isArray(schemes) && typeof list === 'function' && typeof read === 'function';
}
