import { readFile } from 'node:fs/promises';

/** What the kernel holds of one loopback connection, seen from the end that sends: of Linux' /proc/net/tcp. */
export interface TcpLink {
  /** The sending end has not closed it. */
  readonly isOpen: boolean;
  /** Handed to the kernel by the sender and not taken from it by the receiver. */
  readonly queuedBytes: number;
}

const established = '01';

interface Entry {
  readonly state: string;
  readonly sending: number;
  readonly receiving: number;
}

const toPort = (address: string): number => Number.parseInt(address.split(':')[1] ?? '', 16);

/** By `local port → remote port`. */
const readEntries = async (): Promise<Map<string, Entry>> => {
  const text = await readFile('/proc/net/tcp', 'utf8').catch((cause) => {
    throw new Error('/proc/net/tcp cannot be read: this measurement needs Linux.', { cause });
  });
  const entries = new Map<string, Entry>();
  for (const line of text.split('\n').slice(1)) {
    const [, local = '', remote = '', state = '', queues = ''] = line.trim().split(/\s+/);
    const [sending = '0', receiving = '0'] = queues.split(':');
    entries.set(`${toPort(local)} ${toPort(remote)}`, {
      state,
      sending: Number.parseInt(sending, 16),
      receiving: Number.parseInt(receiving, 16),
    });
  }
  return entries;
};

export const readTcpLink = async (senderPort: number, receiverPort: number): Promise<TcpLink> => {
  const entries = await readEntries();
  const sender = entries.get(`${senderPort} ${receiverPort}`);
  const receiver = entries.get(`${receiverPort} ${senderPort}`);
  return {
    isOpen: sender?.state === established,
    queuedBytes: (sender?.sending ?? 0) + (receiver?.receiving ?? 0),
  };
};
