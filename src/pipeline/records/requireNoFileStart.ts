import { reasonForFileStart } from '../../../operators/shared/fileStarts.js';
import { ChannelError } from '../../base/errors.js';
import type { RecordDecoder } from './recordFormat.js';

/**
 * @throws ChannelError if the decoder needs the starts of files. A Pipe mode channel has no boundaries between files.
 */
export function requireNoFileStart(decoder: RecordDecoder, channel: string, pipeDir: string): void {
  const reason = reasonForFileStart(decoder);
  if (reason === undefined) return;
  const message =
    `Channel ${channel} is in Pipe mode, which joins files without a mark between them. The recordFormat needs the start of ` +
    `each file: ${reason}. Set TrainingInputMode to File or FastFile in the training request.`;
  throw new ChannelError(message, { code: 'ERR_CHANNEL_MODE', path: pipeDir });
}
