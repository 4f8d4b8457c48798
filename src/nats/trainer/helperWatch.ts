import type { NatsConnection } from '@nats-io/transport-node';
import { ConfigError, MillraceError, type MillraceErrorCode } from '../../base/errors.js';
import { connectionFailure } from '../connect.js';

export interface HelperWatchOptions {
  readonly name: string;
  readonly job: string;
  readonly helperTimeoutMs: number;
}

export interface HelperWatchListener {
  readonly isWanted: () => boolean;
  readonly onFailure: (error: MillraceError) => void;
  readonly onReconnect: () => void;
  /** Called several times a second while the consumer waits. */
  readonly onTick: () => void;
}

const TICK_MS = 250;

/**
 * Calls `onFailure` if the connection ends for good, or if the consumer waits and no helper has worked for
 * `helperTimeoutMs`.
 */
export class HelperWatch {
  readonly #options: HelperWatchOptions;
  readonly #listener: HelperWatchListener;
  readonly #timer: NodeJS.Timeout;
  #lastHeard = performance.now();
  #refused: string | undefined;
  isConnected = true;

  constructor(options: HelperWatchOptions, listener: HelperWatchListener) {
    this.#options = options;
    this.#listener = listener;
    this.#timer = setInterval(() => this.#check(), Math.min(TICK_MS, options.helperTimeoutMs / 4));
  }

  /** Called when a helper works, and when the consumer begins to wait. */
  heard(): void {
    this.#lastHeard = performance.now();
  }

  /** Records that a helper was refused because its module differs. Returns the reason. */
  refuse(host: string, digest: string): string {
    const reason = `the file of its module differs from the trainer's (SHA-256 ${digest.slice(0, 12)}…)`;
    this.#refused = `The helper ${host} was refused: ${reason}. `;
    return reason;
  }

  async follow(connection: NatsConnection): Promise<void> {
    void connectionFailure(connection, this.#options.name).then(this.#listener.onFailure);
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') this.isConnected = false;
      if (type !== 'reconnect') continue;
      this.isConnected = true;
      this.#listener.onReconnect();
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const { name, job, helperTimeoutMs } = this.#options;
    if (!this.#listener.isWanted()) return;
    this.#listener.onTick();
    const silence = performance.now() - this.#lastHeard;
    if (silence < helperTimeoutMs) return;
    const seconds = helperTimeoutMs / 1000;
    const message = this.isConnected
      ? `no helper has worked for ${seconds} s. ${this.#refused ?? ''}Start millrace work --job ${job}`
      : `no connection to the server, and no helper has worked for ${seconds} s. Start the server`;
    const text = `${name}: ${message}, or increase helperTimeoutMs.`;
    const code: MillraceErrorCode = 'ERR_WORKER';
    const isRefused = this.#refused !== undefined && this.isConnected;
    this.#listener.onFailure(isRefused ? new ConfigError(text, { path: 'module' }) : new MillraceError(text, { code }));
  }
}
