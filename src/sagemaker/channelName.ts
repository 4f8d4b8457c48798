import { z } from 'zod';
import { lazy } from '../base/lazy.js';

/**
 * `.` and `..` are errors, because these paths are not inside the channels' folder.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Channel.html
 */
export const channelNameSchema = lazy(() =>
  z
    .string()
    .regex(/^[A-Za-z0-9.\-_]{1,64}$/, 'expected a channel name of 1 to 64 characters from A-Z a-z 0-9 . - _')
    .refine((name) => name !== '.' && name !== '..', 'expected a channel name other than . and ..'),
);

/** A FIFO's name cannot be split into channel and epoch, because channel names may contain `_`. */
export function fifoName(channel: string, epoch: number): string {
  return `${channel}_${epoch}`;
}
