import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { nextTurn, until } from '../../support/fifoWriter.js';

/** A fault of one response. `at` is a number of bytes, modulo the size of the response. */
export type Fault =
  | { readonly kind: 'none' }
  /** The connection ends after some bytes. */
  | { readonly kind: 'cut'; readonly at: number }
  /** The connection is reset after some bytes. */
  | { readonly kind: 'reset'; readonly at: number }
  /** No more bytes arrive, and the connection stays open. */
  | { readonly kind: 'stall'; readonly at: number }
  /** The proxy answers 503. */
  | { readonly kind: 'busy' }
  /** The head announces more or fewer bytes than the body contains. */
  | { readonly kind: 'length'; readonly difference: number }
  /** The response contains another version of the object. */
  | { readonly kind: 'version' }
  /** The response arrives in pieces, each on a separate turn. */
  | { readonly kind: 'drip'; readonly pieceBytes: number };

const BUSY = 'HTTP/1.1 503 Slow Down\r\ncontent-length: 17\r\n\r\n<Code>SlowDown</>';

/** A proxy for an HTTP server that injects faults into responses. Requests pass unchanged, so signatures stay valid. */
export class FaultProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #nextFault: () => Fault = () => ({ kind: 'none' });
  /** The faults so far. */
  readonly played: Fault[] = [];

  private constructor(upstreamPort: number) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      let text = '';
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
        const end = text.indexOf('\r\n\r\n');
        if (end < 0) return;
        const request = text.slice(0, end);
        text = '';
        void this.#answer(socket, request, upstreamPort);
      });
    });
  }

  static async start(upstreamPort: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(upstreamPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The number of open connections from clients. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Plays one fault for each response. Later responses have no fault. */
  play(faults: readonly Fault[]): void {
    const rest = [...faults];
    this.played.length = 0;
    this.#nextFault = () => rest.shift() ?? { kind: 'none' };
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    let isClosed = false;
    this.#server.close(() => (isClosed = true));
    await until(() => isClosed);
  }

  async #answer(socket: Socket, request: string, upstreamPort: number): Promise<void> {
    const fault = this.#nextFault();
    this.played.push(fault);
    const response = fault.kind === 'busy' ? Buffer.from(BUSY) : await forward(request, upstreamPort);
    const spoiled = spoil(response, fault);
    const at = 'at' in fault ? fault.at % (spoiled.length + 1) : spoiled.length;
    if (fault.kind === 'drip') await drip(socket, spoiled, fault.pieceBytes);
    else if (at > 0) await new Promise((resolve) => socket.write(spoiled.subarray(0, at), resolve));
    if (fault.kind === 'cut') socket.end(() => socket.destroy());
    if (fault.kind === 'reset') socket.resetAndDestroy();
    // A body with a wrong length cannot end normally.
    if (fault.kind === 'length') socket.end();
  }
}

function forward(request: string, port: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const closing = `${request.replace(/\r\nconnection: .*/i, '')}\r\nconnection: close\r\n\r\n`;
    const upstream = connect(port, '127.0.0.1', () => upstream.write(closing, 'latin1'));
    upstream.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined);
    upstream.on('close', () => resolve(withoutClose(Buffer.concat(chunks))));
  });
}

/** Removes the proxy's own header from the response, so that the client may keep the connection. */
const withoutClose = (response: Buffer): Buffer =>
  Buffer.from(response.toString('latin1').replace(/\r\nconnection: close(?=\r\n)/i, ''), 'latin1');

function spoil(response: Buffer, fault: Fault): Buffer {
  const end = response.indexOf('\r\n\r\n');
  const head = response.toString('latin1', 0, end);
  const changed = (text: string): Buffer => Buffer.concat([Buffer.from(text, 'latin1'), response.subarray(end)]);
  if (fault.kind === 'version') return changed(head.replace(/\r\netag: .*/i, '\r\nETag: "another"'));
  if (fault.kind !== 'length') return response;
  const length = (_all: string, name: string, size: string) => `${name}${Math.max(0, Number(size) + fault.difference)}`;
  return changed(head.replace(/(\r\ncontent-length: )(\d+)/i, length));
}

async function drip(socket: Socket, bytes: Buffer, pieceBytes: number): Promise<void> {
  for (let sent = 0; sent < bytes.length && !socket.destroyed; sent += pieceBytes) {
    socket.write(bytes.subarray(sent, sent + pieceBytes));
    await nextTurn();
  }
}
