import { Agent, request } from 'node:http';
import { now } from '../lib/clock.ts';
import { type Calls, serveLoad } from '../lib/load.ts';
import { offer } from '../lib/pace.ts';

/** Those who send messages over HTTP, on connections that stay open. */
export interface SendersLoad extends Calls {
  /** As many a second, whatever the server does; how long each took, in milliseconds. */
  atRate(argument: Rate): Promise<readonly number[]>;
  /** So many at a time, each the next one as soon as it has its answer; how many a second that were. */
  atOnce(argument: Crowd): Promise<number>;
}

/** How a message is asked for, where `{{id}}` stands for an id that no other message has. */
export interface Sender {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Rate {
  readonly senders: readonly Sender[];
  readonly perSecond: number;
  readonly seconds: number;
}

interface Crowd {
  readonly senders: readonly Sender[];
  readonly atOnce: number;
  readonly seconds: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const accepted = '"SendMessageSuccess"';
let ids = 0;

const send = ({ url, headers, body }: Sender): Promise<void> =>
  new Promise((resolve, reject) => {
    const text = body.replace('{{id}}', `s${++ids}`);
    const posted = request(
      url,
      {
        method: 'POST',
        agent,
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        },
      },
      (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          answer += chunk;
        });
        response.once('end', () => {
          if (answer.includes(accepted)) resolve();
          else reject(new Error(`${url}: ${response.statusCode} ${answer}`));
        });
      },
    );
    posted.once('error', reject);
    posted.end(text);
  });

const senderAt = (senders: readonly Sender[], at: number): Sender => {
  const sender = senders[at % senders.length];
  if (!sender) throw new Error('nobody sends');
  return sender;
};

serveLoad<SendersLoad>({
  async atRate({ senders, perSecond, seconds }) {
    const took: number[] = [];
    await offer({ count: Math.round(perSecond * seconds), intervalMs: 1_000 / perSecond }, async (at) => {
      const begin = now();
      await send(senderAt(senders, at));
      took.push(now() - begin);
    });
    return took;
  },
  async atOnce({ senders, atOnce, seconds }) {
    const begin = now();
    const end = begin + seconds * 1_000;
    let count = 0;
    const worker = async (): Promise<void> => {
      while (now() < end) {
        // Two of one conversation at a time would wait for each other's lock, which is not what is asked.
        await send(senderAt(senders, ++count));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return count / ((now() - begin) / 1_000);
  },
});
