/**
 * A proxy that simulates a long link to a server of this machine: latency, a rate that all connections share, and a
 * window for each connection. Prints its port. Unlike the kernel's `netem`, does not simulate the slow start of TCP.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

/** The only argument of the process, as JSON. */
export interface SlowLink {
  readonly port: number;
  readonly roundTripMs: number;
  readonly bytesPerSecond: number;
  /** The maximum number of bytes in flight for each connection. */
  readonly windowBytes: number;
}

const { port, roundTripMs, bytesPerSecond, windowBytes } = JSON.parse(process.argv[2] ?? '{}') as SlowLink;
const oneWayMs = roundTripMs / 2;

/** The time when the last sent byte has left the server. */
let freeAt = 0;

function carryAnswers(server: Socket, client: Socket): void {
  let onTheirWay = 0;
  server.on('data', (bytes) => {
    onTheirWay += bytes.length;
    if (onTheirWay >= windowBytes) server.pause();
    const now = performance.now();
    freeAt = Math.max(now, freeAt) + (bytes.length / bytesPerSecond) * 1000;
    setTimeout(() => client.write(bytes), freeAt + oneWayMs - now);
    setTimeout(
      () => {
        onTheirWay -= bytes.length;
        if (onTheirWay < windowBytes) server.resume();
      },
      freeAt + roundTripMs - now,
    );
  });
}

const proxy = createServer((client) => {
  const server = connect(port, '127.0.0.1').setNoDelay();
  client.setNoDelay();
  client.on('data', (bytes) => setTimeout(() => server.write(bytes), oneWayMs));
  carryAnswers(server, client);
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('close', () => other.destroy()).on('error', () => undefined);
  }
});
proxy.listen(0, '127.0.0.1', () => console.log((proxy.address() as AddressInfo).port));
