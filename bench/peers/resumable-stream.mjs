import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { Redis } from 'ioredis';
import { createResumableStreamContext } from 'resumable-stream/ioredis';
import { listen } from './lib/http.mjs';

/**
 * The README of resumable-stream, "usage with explicit resumption", around the stream of a model: `/new/<id>` asks the model and is
 * its first reader, `/resume/<id>` a further one, who gets it through Redis.
 */

const { REDIS_URL, MODEL_URL } = process.env;

const streamContext = createResumableStreamContext({
  // The process stays.
  waitUntil: () => {},
  publisher: new Redis(REDIS_URL),
  subscriber: new Redis(REDIS_URL),
});

const askModel = async () => {
  const response = await fetch(`${MODEL_URL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'any', stream: true, messages: [{ role: 'user', content: 'Go on.' }] }),
  });
  return response.body.pipeThrough(new TextDecoderStream());
};

const answer = async (response, stream) => {
  if (!stream) {
    response.writeHead(422).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  Readable.fromWeb(stream).pipe(response);
};

const serve = async (request, response) => {
  const [, verb, id] = request.url.split('/');
  if (verb === 'new') {
    const upstream = await askModel();
    await answer(response, await streamContext.createNewResumableStream(id, () => upstream));
  } else {
    await answer(response, await streamContext.resumeExistingStream(id));
  }
};

const server = createServer((request, response) => {
  serve(request, response).catch((error) => response.destroy(error));
});
await listen(server);
