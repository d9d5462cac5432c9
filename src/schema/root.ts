import { builder } from './builder.ts';

builder.queryType({
  description:
    'Reads. Every field needs a bearer token and refuses with UNAUTHENTICATED without one, or when the user is blocked.',
});

builder.mutationType({
  description:
    'Changes. Each is one transaction: when it returns, it is stored. Those that take a client-made id may be repeated with ' +
    'the same id and content and do nothing twice; all others set a state and may be repeated as they are.',
});

builder.subscriptionType({
  description:
    'What happens, as it happens. Refusals come before the first event; what fails later is itself an event. A ' +
    'subscription ends by itself when the right to it ends.',
});
