import { Readable, finished } from 'node:stream';
import { ChannelError, ConfigError } from '../base/errors.js';
import { withoutPeriod } from '../base/reasonOfFailure.js';
import type { Outlet, Puller } from '../demand/pullSource.js';

/** A web `ReadableStream`, with the members that Node.js and the DOM both declare. */
export interface WebStream {
  /** Locks the stream. */
  readonly getReader: () => WebStreamReader;
}

/** The reader of a {@link WebStream}. */
export interface WebStreamReader {
  /** Resolves with the next chunk. */
  readonly read: () => Promise<{ readonly done: boolean; readonly value?: unknown }>;
  /** Ends the stream. */
  readonly cancel: () => Promise<void>;
}

/** Closing the puller destroys a Node stream and cancels a web stream. */
export function streamPuller(stream: Readable | WebStream, outlet: Outlet<Uint8Array>): Puller {
  return stream instanceof Readable ? readNodeStream(stream, outlet) : readWebStream(stream, outlet);
}

function readNodeStream(stream: Readable, outlet: Outlet<Uint8Array>): Puller {
  if (stream.readableEnded || (stream.destroyed && !stream.errored)) throw alreadyRead(stream);
  let isWanted = false;
  let isDelivering = false;
  let isListening = false;

  // A destroyed stream may still fail. Without a listener, this would end the process.
  stream.on('error', () => undefined);
  const stopWatching = finished(stream, { writable: false }, (error) => {
    if (error) outlet.fail(failureOf(stream, error));
    else outlet.complete();
  });

  const onData = (chunk: unknown): void => {
    isWanted = false;
    isDelivering = true;
    deliver(chunk, outlet);
    isDelivering = false;
    if (!isWanted) stream.pause();
  };

  return {
    pull: () => {
      isWanted = true;
      if (!isListening) stream.on('data', onData);
      isListening = true;
      if (!isDelivering) stream.resume();
    },
    close: () => {
      stopWatching();
      stream.off('data', onData);
      stream.destroy();
    },
  };
}

function readWebStream(stream: WebStream, outlet: Outlet<Uint8Array>): Puller {
  let reader: WebStreamReader;
  try {
    reader = stream.getReader();
  } catch (cause) {
    throw alreadyRead(stream, cause);
  }
  const fail = (cause: unknown): void => {
    outlet.fail(failureOf(stream, cause));
  };
  return {
    pull: () => {
      reader.read().then(({ done, value }) => {
        if (done) outlet.complete();
        else deliver(value, outlet);
      }, fail);
    },
    close: () => {
      // May reject if the stream has ended or failed.
      reader.cancel().catch(() => undefined);
    },
  };
}

function deliver(chunk: unknown, outlet: Outlet<Uint8Array>): void {
  if (chunk instanceof Uint8Array) outlet.deliver(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  else outlet.fail(notBytes(chunk));
}

function notBytes(chunk: unknown): ConfigError {
  const found = typeof chunk === 'string' ? 'a string' : chunk === null ? 'null' : `a value of type ${typeof chunk}`;
  const remedy = 'do not call setEncoding; if the stream itself makes strings, encode them with a TextEncoderStream';
  return new ConfigError(`fromReadable: expected chunks of bytes (Uint8Array), found ${found}: ${remedy}.`, {
    path: 'stream',
  });
}

export function alreadyRead(stream: Readable | WebStream, cause?: unknown): ChannelError {
  const path = nameOf(stream);
  const remedy = 'A stream can be read only once: create a new stream for each subscription (see fromReadable).';
  return new ChannelError(`${path} is already being read, or was read before. ${remedy}`, {
    code: 'ERR_CHANNEL_IO',
    path,
    cause,
  });
}

function failureOf(stream: Readable | WebStream, cause: unknown): ChannelError {
  const path = nameOf(stream);
  const { message = String(cause), code } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
  return new ChannelError(`Reading ${path} failed: ${withoutPeriod(message)}.`, {
    code: 'ERR_CHANNEL_IO',
    path,
    errno: code,
    cause,
  });
}

function nameOf(stream: Readable | WebStream): string {
  // Not `process.stdin`, because reading this property opens standard input.
  if ('fd' in stream && stream.fd === 0) return 'standard input';
  return 'path' in stream && typeof stream.path === 'string' ? stream.path : 'the stream';
}
