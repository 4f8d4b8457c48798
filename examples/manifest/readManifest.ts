import { ndarray, records, type DirectoryOptions } from 'millrace';
import { combineAttributes, decodeImage, mapAsync } from 'millrace/operators';
import { firstValueFrom, of, type Observable } from 'rxjs';
import { z } from 'zod';
import type { Digit } from '../zipped/readDigits.js';

const labelSchema = z.int().min(0).max(9);

/** Reads one epoch of a channel with an augmented manifest. Its attributes are `image-ref` and `label`. */
export function readManifest(channel: string, directories: DirectoryOptions = {}): Observable<Digit> {
  return records(channel, { ...directories, recordFormat: 'RecordIO' }).pipe(
    combineAttributes({ 'image-ref': 'bytes', label: 'json' }),
    mapAsync(async ({ 'image-ref': png, label }) => {
      const image = await firstValueFrom(of(png).pipe(decodeImage({ channels: 1 })));
      const digit = labelSchema.parse(label);
      return {
        image: ndarray('uint8', [image.data.length], image.data),
        label: ndarray('int64', [], BigInt64Array.of(BigInt(digit))),
      };
    }),
  );
}
