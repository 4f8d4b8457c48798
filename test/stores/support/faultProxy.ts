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
  | { readonly kind: 'drip'; readonly pieceBytes: number }
  /** The connection is reset after some bytes of the request's body. The server receives these bytes too. */
  | { readonly kind: 'upload'; readonly at: number };

const SLOW_DOWN = '<Error><Code>SlowDown</Code></Error>';
const BUSY = `HTTP/1.1 503 Slow Down\r\ncontent-length: ${SLOW_DOWN.length}\r\n\r\n${SLOW_DOWN}`;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

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
      let request: IncomingRequest | undefined;
      socket.on('data', (bytes) => {
        request ??= new IncomingRequest();
        request.take(bytes);
        if (request.head === undefined) return;
        if (request.fault === undefined) {
          request.fault = this.#nextFault();
          this.played.push(request.fault);
          if (request.isWaiting) socket.write(CONTINUE);
        }
        if (request.isCut) {
          socket.resetAndDestroy();
          sendPart(request, upstreamPort);
        } else if (request.isWhole) {
          void this.#answer(socket, request, upstreamPort);
          request = undefined;
        }
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

  async #answer(socket: Socket, request: IncomingRequest, upstreamPort: number): Promise<void> {
    const { fault = { kind: 'none' } } = request;
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

class IncomingRequest {
  readonly #chunks: Buffer[] = [];
  #received = 0;
  #bodyLength = 0;
  head: string | undefined;
  fault: Fault | undefined;

  take(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#received += bytes.length;
    if (this.head !== undefined) return;
    const all = Buffer.concat(this.#chunks);
    const end = all.indexOf('\r\n\r\n');
    if (end < 0) return;
    this.head = all.toString('latin1', 0, end);
    this.#bodyLength = Number(/\r\ncontent-length: (\d+)/i.exec(this.head)?.[1] ?? 0);
    this.#chunks.splice(0, Infinity, all.subarray(end + 4));
    this.#received -= end + 4;
  }

  get isWhole(): boolean {
    return this.#received >= this.#bodyLength;
  }

  get isCut(): boolean {
    return this.fault?.kind === 'upload' && this.#bodyLength > 0 && this.#received >= this.fault.at % this.#bodyLength;
  }

  /** Whether the client sends the body only when the server asks for it. */
  get isWaiting(): boolean {
    return /\r\nexpect: 100-continue/i.test(this.head ?? '');
  }

  /** The proxy has already asked for the body. The header is not a part of signatures. */
  get closing(): Buffer {
    const head = (this.head ?? '').replace(/\r\n(connection|expect): .*/gi, '');
    return Buffer.concat([Buffer.from(`${head}\r\nconnection: close\r\n\r\n`, 'latin1'), ...this.#chunks]);
  }
}

/** Sends the part of a request that has arrived. */
function sendPart(request: IncomingRequest, port: number): void {
  const upstream = connect(port, '127.0.0.1', () => upstream.write(request.closing, () => upstream.resetAndDestroy()));
  upstream.on('error', () => undefined);
}

function forward(request: IncomingRequest, port: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const upstream = connect(port, '127.0.0.1', () => upstream.write(request.closing));
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
