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
  ['Look.\n```py\nif a:\n  b\n\nc\n```', 'Look.'],
  ['Look.\n```py\nif a:\n  b\n\nc\n```\nSo', 'Look.\n```py\nif a:\n  b\n\nc\n```'],
  ['~~~\na: b\n~~~\nDone. Next', '~~~\na: b\n~~~\nDone.'],
  ['- Look:\n  ```py\n  if a:\n    b', '- Look:'],
  ['- Look:\n  ```py\n  if a:\n    b\n  ```\n  So', '- Look:\n  ```py\n  if a:\n    b\n  ```'],
  ['````md\n```\na: b\n```\nc', ''],
  ['One.\n```\na: b\n```\nTwo.\n```\nc: d', 'One.\n```\na: b\n```\nTwo.'],
])('of %j, %j is finished', (text, finished) => expect(text.slice(0, finishedLength(text))).toBe(finished));

test.each([
  ['**Bold** and `code`.', 'Bold and code.'],
  ['# Title\n\nText', 'Title Text'],
  ['[a page](https://example.org)', 'a page'],
  ['So:\n```js\nlet a = 1;\n```\nDone.', 'So: Code. Done.'],
  ['- So:\n  ```js\n  let a = 1;\n  ```\n  Done.', 'So: Code. Done.'],
  ['````md\n```js\nlet a = 1;\n```\n````\nDone.', 'Code. Done.'],
  ['```\n```\nDone.', 'Code. Done.'],
  ['So:\n```js\nlet a', 'So: Code.'],
  ['```let a``` is code.', 'let a is code.'],
])('%j is spoken as %j', (text, spoken) => expect(toSpoken(text)).toBe(spoken));
