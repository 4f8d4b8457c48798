import type { Features } from '../../../src/formats/example/features.js';

type GoldenFeature = { readonly dtype: string; readonly default?: unknown } & Readonly<Record<string, unknown>>;

/** Converts features of the golden files, whose `default` for bytes is base64. */
export function goldenFeatures(features: Readonly<Record<string, unknown>>): Features {
  const entries = Object.entries(features as Readonly<Record<string, GoldenFeature>>).map(([name, feature]) => {
    const { default: value, ...rest } = feature;
    if (value === undefined || feature.dtype !== 'bytes') return [name, feature];
    return [name, { ...rest, defaultBase64: value }];
  });
  return Object.fromEntries(entries) as Features;
}
