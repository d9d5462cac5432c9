import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';

const badValue = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_INPUT', temporary: false } });

const dateTime = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** ISO 8601 in UTC. A day that its month lacks is refused, otherwise it would silently become one of the next month. */
const parseDateTime = (value: unknown): string => {
  const parts = typeof value === 'string' ? dateTime.exec(value) : null;
  const time = parts ? Date.parse(parts[0]) : Number.NaN;
  const day = parts ? new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]))) : null;
  if (Number.isNaN(time) || day?.getUTCDate() !== Number(parts?.[3])) {
    throw badValue('DateTime: not an ISO 8601 date and time with an offset, such as "2030-01-31T12:00:00Z".');
  }
  return new Date(time).toISOString();
};

builder.scalarType('DateTime', {
  description:
    'A moment: ISO 8601 with an offset, such as `2030-01-31T12:00:00Z`. What the API sends is in UTC with milliseconds. ' +
    'Anything else as input is BAD_INPUT.',
  serialize: (value) => (value instanceof Date ? value.toISOString() : value),
  parseValue: parseDateTime,
});

builder.scalarType('Cursor', {
  description:
    'An opaque position in a topic: all events up to it are behind it. Give it back unchanged to go on from there, and ' +
    'compare it for equality only. Never a cursor of a page; those are strings. A malformed one is BAD_INPUT.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value !== 'string') {
      throw badValue('Cursor: must be a string, as this API sent it.');
    }
    return value;
  },
});
