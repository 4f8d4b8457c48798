import { ndarray, oneHot, records, scale } from 'millrace';
import { batch, combineAttributes, decodeImage } from 'millrace/operators';
import { map } from 'rxjs';

export const CLASSES = 10;
export const SIDE = 32;

/** The training batches of an augmented manifest of JPEGs, one epoch for each subscription. */
export function manifestImages() {
  return records('train', { recordFormat: 'RecordIO' }).pipe(
    combineAttributes({ 'image-ref': 'bytes', label: 'json' }),
    decodeImage({ feature: 'image-ref', resize: { height: SIDE, width: SIDE } }),
    map(({ 'image-ref': image, label }) => ({ image, label: ndarray('int32', [], Int32Array.of(Number(label))) })),
    batch(32),
    map(({ image, label }) => ({ xs: scale(image, 1 / 255), ys: oneHot(label, CLASSES) })),
  );
}
