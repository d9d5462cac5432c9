import { Agent, request } from 'node:http';
import { now } from '../lib/clock.ts';
import { type Calls, serveLoad } from '../lib/load.ts';
import { offer } from '../lib/pace.ts';

/** Those who ask over HTTP, on connections that stay open. */
export interface RequestersLoad extends Calls {
  /** As many a second, whatever the server does; how long each took, in milliseconds. */
  atRate(argument: Rate): Promise<readonly number[]>;
  /** So many at a time, each the next one as soon as it has its answer; how many that were. */
  atOnce(argument: Crowd): Promise<Saturated>;
}

export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `{{id}}` in it stands for an id that no other request has. */
  readonly body: string;
  /** What a good answer contains. */
  readonly accepted: string;
}

export interface Saturated {
  readonly count: number;
  readonly perSecond: number;
}

interface Rate {
  readonly requests: readonly HttpRequest[];
  readonly perSecond: number;
  readonly seconds: number;
}

interface Crowd {
  readonly requests: readonly HttpRequest[];
  readonly atOnce: number;
  readonly seconds: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
let ids = 0;

const ask = ({ url, headers, body, accepted }: HttpRequest): Promise<void> =>
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

const requestAt = (requests: readonly HttpRequest[], at: number): HttpRequest => {
  const found = requests[at % requests.length];
  if (!found) throw new Error('nothing is asked');
  return found;
};

serveLoad<RequestersLoad>({
  async atRate({ requests, perSecond, seconds }) {
    const took: number[] = [];
    await offer({ count: Math.round(perSecond * seconds), intervalMs: 1_000 / perSecond }, async (at) => {
      const begin = now();
      await ask(requestAt(requests, at));
      took.push(now() - begin);
    });
    return took;
  },
  async atOnce({ requests, atOnce, seconds }) {
    const begin = now();
    const end = begin + seconds * 1_000;
    let count = 0;
    const worker = async (): Promise<void> => {
      while (now() < end) {
        // Two of one conversation at a time would wait for each other's lock, which is not what is asked.
        await ask(requestAt(requests, ++count));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return { count, perSecond: count / ((now() - begin) / 1_000) };
  },
});
