import { quote } from '../../base/showValue.js';
import { IncorrectResponse } from './requestErrors.js';

export interface ResponseHead {
  readonly status: number;
  /** The headers by lower-case name. Commas join the values of a repeated header. */
  readonly headers: ReadonlyMap<string, string>;
  /** The size of the head, including the empty line. */
  readonly byteLength: number;
}

const BEGINNING = 'HTTP/1.';
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: |$)/;
const END = '\r\n\r\n';

/** Does not match headers on several lines, which are obsolete. */
const HEADER = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*(.*?)[ \t]*$/;

/**
 * Returns `undefined` if the head is incomplete. Checks the first bytes at once, because a server of another protocol
 * may send a greeting and then wait.
 *
 * @throws IncorrectResponse if the bytes are not a head of HTTP/1.1.
 * @see https://www.rfc-editor.org/rfc/rfc9112#name-message-format
 */
export function parseHead(bytes: Buffer): ResponseHead | undefined {
  const beginning = bytes.toString('latin1', 0, BEGINNING.length);
  if (!BEGINNING.startsWith(beginning)) throw notHttp(bytes.toString('latin1', 0, 200).split(/[\r\n]/)[0]);
  const end = bytes.indexOf(END);
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = STATUS_LINE.exec(statusLine)?.[1];
  if (status === undefined) throw notHttp(statusLine);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = HEADER.exec(line) ?? [];
    if (name === undefined) throw new IncorrectResponse(`expected a header of HTTP/1.1, found ${quote(line)}`);
    const key = name.toLowerCase();
    const known = headers.get(key);
    headers.set(key, known === undefined ? value : `${known}, ${value}`);
  }
  return { status: Number(status), headers, byteLength: end + END.length };
}

function notHttp(line = ''): IncorrectResponse {
  return new IncorrectResponse(`expected a response of HTTP/1.1, found ${quote(line)}`);
}

/** Returns the size of the body in bytes, or `undefined` if the head does not contain the size. */
export function bodyLength({ status, headers }: ResponseHead): number | undefined {
  if (status === 204 || status === 304) return 0;
  if (headers.has('transfer-encoding')) return undefined;
  const text = headers.get('content-length') ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
