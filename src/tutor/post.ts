import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Closes the line, also while the response is read, which then fails. */
  readonly signal: AbortSignal;
}

/** Where gateways send a POST on to, with its method and its body. */
const redirects: readonly (number | undefined)[] = [307, 308];
const maxRedirects = 5;

/** A line that nobody uses is closed before the server does it, as many do after 5 s: what is sent just then is lost. */
const agentOptions = { keepAlive: true, timeout: 4_000 };
const plain = { request: requestHttp, agent: new HttpAgent(agentOptions) };
const secure = { request: requestHttps, agent: new HttpsAgent(agentOptions) };

const send = ({ url, headers, body, signal }: Post): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { request, agent } = url.protocol === 'https:' ? secure : plain;
    const call = request(url, { method: 'POST', headers, agent }, resolve);
    // Stays, because an error that nobody hears ends the process.
    call.on('error', reject);
    // Not by its own option: what that says of the abort may reach a line that was given back meanwhile, where nobody hears it.
    signal.addEventListener('abort', () => call.destroy(), { once: true });
    if (signal.aborted) call.destroy();
    call.end(body);
  });

/** The key is for those who were meant to have it. */
const toHeadersFor = (target: URL, { url, headers }: Post): Post['headers'] => {
  if (target.origin === url.origin) return headers;
  const { authorization: _, ...others } = headers;
  return others;
};

/**
 * A POST whose response is read as it comes, by the events of a stream: fetch costs half as much again for every read. Rejects
 * when the server cannot be reached.
 */
export const post = async (first: Post): Promise<IncomingMessage> => {
  let current = first;
  for (let redirected = 0; ; redirected += 1) {
    const response = await send(current);
    const { location = '' } = response.headers;
    const isRedirect = redirects.includes(response.statusCode) && URL.canParse(location, current.url);
    if (!isRedirect || redirected === maxRedirects) return response;
    response.on('error', () => {});
    response.resume();
    const url = new URL(location, current.url);
    current = { ...current, url, headers: toHeadersFor(url, current) };
  }
};
