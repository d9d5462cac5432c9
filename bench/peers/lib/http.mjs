import { once } from 'node:events';

/** What the peers have in common: an address on the loopback, and `POST /publish` by which an event enters at a node. */

const readText = async (request) => {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += chunk;
  return text;
};

/**
 * A handler of `node:http`: `POST /publish` takes `{ conversation, text }`, where no conversation means all users; everything
 * else is 404.
 */
export const createPublishHandler = (publish) => async (request, response) => {
  if (request.method !== 'POST' || request.url !== '/publish') {
    response.writeHead(404).end();
    return;
  }
  try {
    await publish(JSON.parse(await readText(request)));
    response.writeHead(204).end();
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
};

export const listen = async (server) => {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 });
  await once(server, 'listening');
  announce(server.address().port);
};

export const announce = (port) => console.log(`listening on http://127.0.0.1:${port}`);
