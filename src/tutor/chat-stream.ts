import type { IncomingMessage } from 'node:http';
import { createParser, type ParseError } from 'eventsource-parser';

/** No event of a model is nearly as long. */
const maxEventLength = 1_000_000;
/** Of a refusal: what tells its cause stands at the beginning. */
const maxRefusalLength = 20_000;

const byteOrderMark = '\ufeff';

const refuseEndless = (error: ParseError): void => {
  if (error.type === 'max-buffer-size-exceeded') throw error;
};

/**
 * Reads a response as a stream of events: `onData` gets the data of each, all that came in one read at once. Rejects when the
 * line breaks, and with what `onData` throws.
 */
export const readEvents = (response: IncomingMessage, onData: (data: string) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const parser = createParser({
      maxBufferSize: maxEventLength,
      onEvent: ({ data }) => onData(data),
      onError: refuseEndless,
    });
    let isFirst = true;
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      try {
        parser.feed(isFirst && text.startsWith(byteOrderMark) ? text.slice(1) : text);
        isFirst = false;
      } catch (error) {
        reject(error);
        response.destroy();
      }
    });
    response.on('end', resolve);
    response.on('error', reject);
  });

/** The beginning of a response, as far as it comes. */
export const readBeginning = (response: IncomingMessage): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (piece: string) => {
      text += piece;
      if (text.length > maxRefusalLength) response.destroy();
    });
    // What broke it off changes nothing: the status stands.
    response.on('error', () => {});
    response.on('close', () => resolve(text));
  });
