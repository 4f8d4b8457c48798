import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, identity, toArray, type Observable } from 'rxjs';
import { resumable } from '../../operators/resumable.js';
import { decodeRecordIO } from '../../operators/decodeRecordIO.js';
import { encodeRecordIO } from '../../src/formats/recordio/encodeRecordIO.js';
import { MAGIC_BYTES } from '../../src/formats/recordio/recordIOLayout.js';
import { channel } from '../../src/sources/channel.js';
import { fromFifo } from '../../src/sources/fromFifo.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';

const newFolder = temporaryFolders();

/** The sources of the same FIFO, with different operators between the FIFO and the decoder. */
const SOURCES: Readonly<Record<string, (tree: TrainingTree) => Observable<Uint8Array>>> = {
  fromFifo: (tree) => fromFifo(tree.fifoPath('train', 0)),
  channel: ({ baseDir }) => channel('train', { baseDir }),
  'channel with allowEmpty': ({ baseDir }) => channel('train', { baseDir, allowEmpty: true }),
  'channel with a signal': ({ baseDir }) => channel('train', { baseDir, signal: new AbortController().signal }),
};

describe('a large record', () => {
  it.each(
    Object.keys(SOURCES).flatMap((name) => [
      [name, ''],
      [name, 'resumable'],
    ]),
  )('is read from a FIFO directly into its own memory: %s %s', async (name, resumed) => {
    const tree = new TrainingTree(newFolder());
    const sizes = [1_000_000, 10];
    const records = sizes.map((size, index) => Buffer.alloc(size, index + 1));
    const fed = tree.feed('train', [Buffer.concat(records.map((record) => encodeRecordIO(record)))]);
    const decoded = await firstValueFrom(
      SOURCES[name]!(tree).pipe(decodeRecordIO(), resumed ? resumable() : identity, toArray()),
    );
    await fed;
    expect(decoded.map((record, index) => Buffer.compare(record, records[index]!))).toEqual([0, 0]);
    const { buffer, byteOffset, length } = decoded[0]!;
    // The last read also read the start of the next record. A copy would end at the end of the record.
    expect([...new Uint8Array(buffer, byteOffset + length, MAGIC_BYTES.length)]).toEqual([...MAGIC_BYTES]);
  });
});
