import { builder } from './builder.ts';
import { AuthorRef } from './refs.ts';

const AuthorKindRef = builder.enumType('AuthorKind', {
  description: 'Who can write in a conversation.',
  values: {
    LEARNER: { description: 'A person.' },
    TUTOR: { description: 'The tutor.' },
  },
});

AuthorRef.implement({
  description: 'Who wrote something, as they were at the time.',
  fields: (t) => ({
    kind: t.expose('kind', { type: AuthorKindRef, description: 'A person or the tutor.' }),
    id: t.exposeID('id', { description: 'The id of the user; `tutor` for the tutor.' }),
    name: t.exposeString('name', { description: 'The name at the time; later changes do not reach it.' }),
  }),
});
