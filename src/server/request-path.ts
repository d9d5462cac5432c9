import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Null when host and target make no address: Yoga builds one of them too, and what it would answer then shows a stack.
 */
export const pathOf = ({ url = '/', headers: { host = 'localhost' } }: IncomingMessage): string | null => {
  const address = `http://${host}${url}`;
  return URL.canParse(address) ? new URL(address).pathname : null;
};

/** Answers an upgrade on a path where there is none, and ends the socket even if the peer keeps its half open. */
export const refuseUpgrade = (stream: Duplex): void => {
  stream.once('finish', () => stream.destroy());
  stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
};
