const RECORDS = 1000;

export const WRITER_OPTIONS = { recordFormat: 'TFRecord', recordsPerFile: 50 } as const;

/** Returns equal records in each process. */
export function writerRecords(): Uint8Array[] {
  return Array.from({ length: RECORDS }, (_, index) => Buffer.alloc(100 + ((index * 7919) % 5000), index));
}
