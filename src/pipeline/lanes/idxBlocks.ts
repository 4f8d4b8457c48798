import { ChannelError, FormatError } from '../../base/errors.js';
import { TextLineReader } from '../../formats/text/textLineReader.js';
import { readInFile } from '../../../operators/shared/nameFile.js';
import type { ObjectReading } from '../../stores/rangeWindow.js';
import type { BlockFile } from './blockFiles.js';
import { BlockCutter, type OnRead } from './blocksOfFile.js';
import type { IndexedFile } from './datasetIndex.js';

const LINE = /^(\d{1,15}) (\d{1,15})\s*$/;

interface IdxReading {
  readonly reading: ObjectReading;
  readonly blockBytes: number;
  readonly onRead: OnRead;
}

/**
 * Reads an index file of `tfrecord2idx`, which has a line `offset size` for each record, and returns the blocks of the
 * described file.
 *
 * @throws FormatError (as a rejection) if a line is malformed, or ChannelError if the lines do not match the file.
 * @see
 *   https://docs.nvidia.com/deeplearning/dali/user-guide/docs/examples/general/data_loading/dataloading_tfrecord.html
 */
export async function idxBlocks(
  file: BlockFile,
  idx: BlockFile,
  { reading, blockBytes, onRead }: IdxReading,
): Promise<IndexedFile['blocks']> {
  const reader = new TextLineReader({ encoding: 'utf8', maxRecordBytes: 4096 });
  const cutter = new BlockCutter(blockBytes);
  let end = 0;
  const take = (line: string | undefined): void => {
    if (line === undefined) return;
    const [, offset, size] = LINE.exec(line) ?? malformed(line, reader);
    if (Number(offset) !== end) throw stale(file, idx, `expected a record at byte ${end}, found byte ${offset}`);
    cutter.cut(end);
    cutter.add(1);
    end += Number(size);
    onRead(0, 1);
  };
  for (let chunk = await reading.next(); chunk; chunk = await reading.next()) {
    const bytes = chunk;
    onRead(bytes.length, 0);
    readInFile(idx.path, () => {
      reader.push(bytes);
      for (let line = reader.read(); line !== undefined; line = reader.read()) take(line);
    });
  }
  readInFile(idx.path, () => take(reader.end()));
  if (end === file.byteLength) return cutter.end();
  throw stale(file, idx, `the index ends at byte ${end}, but the file has ${file.byteLength} bytes`);
}

function malformed(line: string, reader: TextLineReader): never {
  const { byteOffset, recordIndex } = reader.position;
  const message = `expected a line such as "0 1040", found ${JSON.stringify(line.slice(0, 100))}`;
  const position = `line ${recordIndex}`;
  throw new FormatError(message, {
    kind: 'malformed',
    format: 'tfrecord2idx',
    byteOffset,
    recordIndex,
    position,
  });
}

function stale(file: BlockFile, idx: BlockFile, finding: string): ChannelError {
  const message = `${idx.path} does not match ${file.path}: ${finding}. Run tfrecord2idx again.`;
  return new ChannelError(message, {
    code: 'ERR_CHANNEL_CHANGED',
    path: file.path,
  });
}
