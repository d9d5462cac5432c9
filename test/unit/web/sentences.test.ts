import { expect, test } from '@jest/globals';
import { finishedLength, toSpoken } from '../../../web/src/chat/sentences.ts';

test.each([
  ['One is done. Two is n', 'One is done.'],
  ['Is it? Yes', 'Is it?'],
  ['No end yet', ''],
  ['It is 3.14 and', ''],
  ['A line\n\nanother', 'A line\n\n'],
  ['1. First', ''],
  ['Look.\n```js\na. b. c', 'Look.'],
])('of %j, %j is finished', (text, finished) => expect(text.slice(0, finishedLength(text))).toBe(finished));

test.each([
  ['**Bold** and `code`.', 'Bold and code.'],
  ['# Title\n\nText', 'Title Text'],
  ['[a page](https://example.org)', 'a page'],
  ['So:\n```js\nlet a = 1;\n```\nDone.', 'So: Code. Done.'],
])('%j is spoken as %j', (text, spoken) => expect(toSpoken(text)).toBe(spoken));
