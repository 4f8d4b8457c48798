import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import type { Store } from '../../stores/store.js';
import { storeSchema } from '../../stores/storeSchema.js';

const EXPECTED = 'expected a store for s3:// URIs, such as s3Store(client) of millrace/s3, or an array of such stores';

/** Accepts one store or an array of stores. The output is always an array. */
export const s3Stores = lazy(() =>
  z
    .union([storeSchema(), z.array(storeSchema()).readonly()], { error: EXPECTED })
    .default([])
    .transform((stores): readonly Store[] => [stores].flat())
    .refine((stores) => stores.every(({ schemes }) => schemes.some((scheme) => scheme.startsWith('s3://'))), EXPECTED),
);
