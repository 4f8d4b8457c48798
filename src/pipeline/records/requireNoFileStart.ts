import { reasonForFileStart } from '../../../operators/shared/fileStarts.js';
import { ChannelError } from '../../base/errors.js';
import type { RecordDecoder } from './recordFormat.js';

/**
 * Refuses a decoder that has to know where a file begins, in Pipe mode.
 *
 * @throws ChannelError if it has to.
 */
export function requireNoFileStart(decoder: RecordDecoder, channel: string, pipeDir: string): void {
  const reason = reasonForFileStart(decoder);
  if (reason === undefined) return;
  const message =
    `Channel ${channel} is in Pipe mode, which joins its files without a mark. Its recordFormat has to know where a file ` +
    `begins: ${reason}. Ask for TrainingInputMode File or FastFile in the training request.`;
  throw new ChannelError(message, { code: 'ERR_CHANNEL_MODE', path: pipeDir });
}
